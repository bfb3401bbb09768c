import assert from 'node:assert/strict'
import { ADA, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { tokensOf, type TestClient, type Tokens } from './client.ts'
import type { Connect } from './connect.ts'
import { approve } from './person.ts'

/** The source `code`, after a sign-in at the identity provider. */
export const CODE_AFTER_SIGN_IN = { QUILT_CREDENTIAL_SOURCE: 'code' }

/** The source `code`, where the code is the sign-in. */
export const CODE_ALONE = {
  ...CODE_AFTER_SIGN_IN,
  OIDC_ISSUER: '',
  OIDC_CLIENT_ID: '',
  OIDC_CLIENT_SECRET: '',
}

/** What the Registry's own page shows to somebody who has signed in there. */
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

/** Pastes a code, good unless a test says otherwise. */
export async function paste(browser: HttpBrowser, page: Page, code: string): Promise<Page> {
  assert.ok(page.text.includes('One-time code from Quilt'), page.text)
  return await browser.press(page, 'Continue', { quilt_code: code })
}

/** Goes the whole way with a code alone, up to the tokens. */
export async function tokensByCode(connect: Connect, client: TestClient, person = ADA): Promise<Tokens> {
  const browser = connect.browser()
  const page = await browser.open(client.authorizationUrl())
  const consent = await paste(browser, page, await quiltCodeOf(connect, person))
  const callback = await approve(browser, consent)
  return tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
}

/** What a person reads: without markup and style, white space as a browser shows it. */
export function read(page: Page): string {
  return page.text
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,])/g, '$1')
}
