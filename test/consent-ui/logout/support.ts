import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ADA } from '../../../deploy/demo/people.ts'
import type { HttpBrowser } from '../../support/http-browser.ts'
import { APPS } from '../apps/support.ts'
import type { Answer } from '../support/answer.ts'
import { tokensOf, type TestClient, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { OUR_CLIENT } from '../support/organisation.ts'
import { approve } from '../support/person.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'
import type { Settings } from '../support/settings.ts'

export const BACKCHANNEL = '/connect/backchannel-logout'
export const FRONTCHANNEL = '/connect/frontchannel-logout'
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** Connect with a provider that reports logouts. */
export interface Organisation {
  readonly provider: ScriptedIdentityProvider
  readonly connect: Connect
  readonly issuer: string
}

export async function startWithLogouts(settings: Settings = {}): Promise<Organisation> {
  const provider = new ScriptedIdentityProvider()
  const identityProvider = (issuer: string, uri: string) => provider.listener(issuer, uri)
  const connect = await startConnect({ identityProvider, settings })
  return { provider, connect, issuer: connect.organisation.identityProvider.origin }
}

/** Signs Ada in at a new browser, with this `sid`. */
export async function signedInBrowser({ provider, connect }: Organisation, sid: string | undefined) {
  provider.claims = { sid }
  const browser = connect.browser()
  const page = await browser.open(connect.origin + APPS)
  assert.ok(page.text.includes(ADA.email), page.text)
  return browser
}

/** True if the browser's pages know the user without another visit to the identity provider. */
export async function isSignedIn({ connect }: Organisation, browser: HttpBrowser): Promise<boolean> {
  const { status } = await connect.get(APPS, { cookie: browser.cookies.header(connect.origin + APPS) })
  assert.ok(status === 200 || status === 303)
  return status === 200
}

export async function tokensFrom(
  { connect }: Organisation,
  browser: HttpBrowser,
): Promise<[TestClient, Tokens]> {
  const client = await connect.client()
  const callback = await approve(browser, await browser.open(client.authorizationUrl()))
  return [client, tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))]
}

export type Claims = Readonly<Record<string, unknown>>

/** The claims of a valid logout token; undefined omits one. */
export function logoutClaims(
  { issuer, connect, provider }: Organisation,
  changes: Claims = {},
): Record<string, unknown> {
  const now = connect.now() + provider.aheadSeconds
  const usual = { iss: issuer, aud: OUR_CLIENT.id, iat: now, exp: now + 120, jti: randomUUID() }
  return { ...usual, events: { [LOGOUT_EVENT]: {} }, ...changes }
}

export async function sendLogout(at: Organisation, changes: Claims, header: Claims = {}): Promise<Answer> {
  const token = await at.provider.sign(logoutClaims(at, changes), { typ: 'logout+jwt', ...header })
  const answer = await at.connect.post(BACKCHANNEL, { logout_token: token })
  // A sign-in in the same second counts as one from before the logout.
  at.provider.aheadSeconds += 1
  return answer
}
