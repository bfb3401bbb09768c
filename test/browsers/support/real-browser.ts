import type { WebDriver } from 'selenium-webdriver'

export interface RealBrowser {
  readonly driver: WebDriver
  /** False if its driver never answers a double click on what leaves the page. */
  readonly takesDoubleClicks: boolean
  /** Resolves to the next link that the browser hands to an application on this computer. */
  handedOver(): Promise<URL>
  /** Closes it, and opens it again with the tabs and cookies that it had. */
  restart(): Promise<RealBrowser>
  close(): Promise<void>
}

export interface BrowserOptions {
  /** The origins of the sites that may open applications without asking. */
  readonly origins: readonly string[]
  /** `127.0.0.1:<port>` of the proxy for https. */
  readonly proxy: string
  readonly runsScripts: boolean
}

export type StartBrowser = (options: BrowserOptions) => Promise<RealBrowser>

/** Custom schemes that the browsers open with {@link OpenedLinks}. */
export const SCHEMES = ['cursor', 'vscode']

/**
 * Commands do not wait for a page: a link that leaves the browser never loads one. The proxy's sites have a
 * certificate for another name.
 */
export function capabilities({ proxy }: BrowserOptions): Record<string, unknown> {
  return {
    acceptInsecureCerts: true,
    pageLoadStrategy: 'none',
    proxy: { proxyType: 'manual', sslProxy: proxy },
  }
}
