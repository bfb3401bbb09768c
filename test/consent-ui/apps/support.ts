import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { sha256 } from '../../../core/keys/hash.ts'
import { ADA, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { readForm } from '../../support/html-form.ts'
import type { TestClient, Tokens } from '../support/client.ts'
import type { Connect } from '../support/connect.ts'
import { signIn } from '../support/person.ts'

export const APPS = '/connect/apps'
export const SIGN_OUT = '/connect/signout'

/** A user's browser on the connected applications page. */
export interface AtApps {
  readonly browser: HttpBrowser
  readonly page: Page
}

export async function openApps(connect: Connect, person: DemoPerson = ADA): Promise<AtApps> {
  const browser = connect.browser()
  const page = await signIn(browser, await browser.open(connect.origin + APPS), person)
  assert.equal(page.status, 200, page.text)
  return { browser, page }
}

/** Sends the page's form with a button or other members. */
export async function send(
  { browser, page }: AtApps,
  fields: Readonly<Record<string, string>>,
  origin?: string,
): Promise<Page> {
  const form = readForm(page.text, page.url)
  return await browser.submit(form.action, { ...form.fields, ...fields }, origin)
}

export function tagsOf({ page }: AtApps, name: 'revoke' | 'narrow'): string[] {
  if (!page.text.includes('<form')) return []
  return readForm(page.text, page.url)
    .buttons.filter((button) => button.name === name)
    .map(({ value }) => value)
}

/** The page's handle of the session of these tokens. */
export function tagOf({ access_token: token }: Tokens): string {
  return sha256(String(decodeJwt(token).sid))
}

/** Refreshes; returns 200 or the error. */
export async function refreshed(client: TestClient, refreshToken: string): Promise<string> {
  const { status, text } = await client.refresh(refreshToken)
  return status === 200 ? 'refreshed' : String((JSON.parse(text) as { error?: string }).error)
}
