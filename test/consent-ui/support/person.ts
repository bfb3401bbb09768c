import assert from 'node:assert/strict'
import { ADA, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { tokensOf, type Changes, type TestClient, type Tokens } from './client.ts'
import type { Connect } from './connect.ts'

/** Opens an authorization URL and signs in; returns the consent page. */
export async function openConsent(
  browser: HttpBrowser,
  url: string,
  person: DemoPerson = ADA,
): Promise<Page> {
  return await signIn(browser, await browser.open(url), person)
}

export async function signIn(
  browser: HttpBrowser,
  page: Page,
  { email, password }: DemoPerson = ADA,
): Promise<Page> {
  return await browser.press(page, 'Sign in', { email, password })
}

export interface Choices {
  readonly access?: 'read' | 'full'
  readonly lifetime?: 'today' | 'usual' | 'most'
}

/** Approves on the consent page, by default with full access; returns the callback URL. */
export async function approve(browser: HttpBrowser, consent: Page, choices: Choices = {}): Promise<URL> {
  return callbackOf(await browser.press(consent, 'Continue', { access: 'full', ...choices }))
}

export async function cancel(browser: HttpBrowser, consent: Page): Promise<URL> {
  return callbackOf(await browser.press(consent, 'Cancel'))
}

export function callbackOf(page: Page): URL {
  assert.equal(page.status, 303, page.text)
  return new URL(page.url)
}

interface TokenOptions {
  readonly person?: DemoPerson
  readonly request?: Changes
  /** Of the user's browser. */
  readonly headers?: Readonly<Record<string, string>>
  readonly choices?: Choices
}

/** Runs the flow in a new browser; returns the code. */
export async function codeFor(
  connect: Connect,
  client: TestClient,
  { person = ADA, request = {}, headers, choices }: TokenOptions = {},
): Promise<string> {
  const browser = connect.browser(headers)
  const callback = await approve(
    browser,
    await openConsent(browser, client.authorizationUrl(request), person),
    choices,
  )
  const code = callback.searchParams.get('code')
  assert.ok(code !== null, `no code: ${callback.href}`)
  return code
}

export async function tokensFor(
  connect: Connect,
  client: TestClient,
  options: TokenOptions = {},
): Promise<Tokens> {
  return tokensOf(await client.redeem(await codeFor(connect, client, options)))
}
