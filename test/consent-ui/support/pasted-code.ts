import assert from 'node:assert/strict'
import { ADA, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { tokensOf, type TestClient, type Tokens } from './client.ts'
import type { Connect } from './connect.ts'
import { approve } from './person.ts'

export const CODE_AFTER_SIGN_IN = { QUILT_CREDENTIAL_SOURCE: 'code' }

/** The code is the sign-in. */
export const CODE_ALONE = {
  ...CODE_AFTER_SIGN_IN,
  OIDC_ISSUER: '',
  OIDC_CLIENT_ID: '',
  OIDC_CLIENT_SECRET: '',
}

/** The one-time code that the Registry's page shows to a signed-in user. */
export async function quiltCodeOf(
  { organisation }: Pick<Connect, 'organisation'>,
  { quilt, password }: DemoPerson = ADA,
): Promise<string> {
  const body = JSON.stringify({ username: quilt.name, password })
  const headers = { 'content-type': 'application/json' }
  const login = await fetch(`${organisation.registry.origin}/api/login`, { method: 'POST', headers, body })
  const { token } = (await login.json()) as { token: string }
  const code = await fetch(`${organisation.registry.origin}/api/code`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return ((await code.json()) as { code: string }).code
}

export async function paste(browser: HttpBrowser, page: Page, code: string): Promise<Page> {
  assert.ok(page.text.includes('One-time code from Quilt'), page.text)
  return await browser.press(page, 'Continue', { quilt_code: code })
}

/** Runs the flow to the tokens with only a code. */
export async function tokensByCode(connect: Connect, client: TestClient, person = ADA): Promise<Tokens> {
  const browser = connect.browser()
  const page = await browser.open(client.authorizationUrl())
  const consent = await paste(browser, page, await quiltCodeOf(connect, person))
  const callback = await approve(browser, consent)
  return tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
}

/** The visible text of a page. */
export function read(page: Page): string {
  return page.text
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,])/g, '$1')
}
