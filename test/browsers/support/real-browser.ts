import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WebDriver } from 'selenium-webdriver'
import { closeAfterAll } from '../../support/close-after-all.ts'

export interface RealBrowser {
  readonly driver: WebDriver
  /** False if its driver never answers a double click on what leaves the page. */
  readonly takesDoubleClicks: boolean
  /** Resolves to the next link that the browser hands to an application on this computer. */
  handedOver(): Promise<URL>
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

/** A folder for this run's profile. */
export function profileFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quilt-connect-browser-'))
  closeAfterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export function stopAfterAll(child: ChildProcess): void {
  closeAfterAll(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  })
}
