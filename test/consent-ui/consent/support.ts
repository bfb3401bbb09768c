import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import type { Session } from '../../../core/sessions/session.ts'
import { ADA, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { TestClient, tokensOf, type Tokens } from '../support/client.ts'
import type { Connect } from '../support/connect.ts'
import { approve, callbackOf, openConsent, type Choices } from '../support/person.ts'

export const DAY_SECONDS = 86_400

/** Configured clients; the first is a website. */
export const NAMED_SITE = 'https://claude.ai/named/callback'
export const SITE = 'https://claude.ai/settings'
export const NAMED_CLIENTS = JSON.stringify([
  {
    client_id: 'named-site',
    client_name: 'Named Site',
    redirect_uris: [NAMED_SITE, 'https://claude.ai/named/other', 'https://chatgpt.com/named/callback'],
  },
  {
    client_id: 'named-program',
    client_name: 'Named Program',
    redirect_uris: [
      'http://localhost:33418/callback',
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://vscode.dev/redirect',
    ],
  },
])

export function namedClient(connect: Connect, id = 'named-site', redirectUri = NAMED_SITE): TestClient {
  return new TestClient(connect.origin, { id, redirectUri })
}

export async function sessionOf(connect: Connect, { access_token: token }: Tokens): Promise<Session> {
  const session = await new SessionStore(connect.redis).find(String(decodeJwt(token).sid))
  assert.ok(session !== undefined, 'the session is over')
  return session
}

/** Connects a client through the consent page; returns the grant. */
export async function connectOnce(
  connect: Connect,
  client: TestClient,
  { browser = connect.browser(), person = ADA, choices = {} }: Connecting = {},
): Promise<{ browser: HttpBrowser; tokens: Tokens; session: Session }> {
  const consent = await openConsent(browser, client.authorizationUrl(), person)
  const callback = await approve(browser, consent, choices)
  const tokens = tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
  return { browser, tokens, session: await sessionOf(connect, tokens) }
}

/** Connects a client without the consent page; returns its session. */
export async function grantedBy(connect: Connect, client: TestClient, page: Page): Promise<Session> {
  const code = callbackOf(page).searchParams.get('code')
  assert.ok(code !== null, page.url)
  return await sessionOf(connect, tokensOf(await client.redeem(code)))
}

export function isAsked(page: Page): boolean {
  return page.status === 200 && page.text.includes('Authorize Application')
}

export function knowsIt(page: Page): boolean {
  return page.text.includes('You approved this application before')
}

export async function forgetConsents({ redis }: Connect): Promise<void> {
  const keys = [...(await redis.keys('connect:consent:*')), ...(await redis.keys('connect:approvals:*'))]
  if (keys.length > 0) await redis.del(keys)
}

interface Connecting {
  readonly browser?: HttpBrowser
  readonly person?: DemoPerson
  readonly choices?: Choices
}
