import assert from 'node:assert/strict'
import { mcpUser } from '../support/mcp-user.ts'
import { rawRequest, type RawAnswer } from '../support/raw-request.ts'
import type { RecordedStack } from '../support/recorded-stack.ts'

/** The cells of the failure contract that need no session: what each part of the Connect host answers. */

const STATELESS = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-protected-resource/mcp/platform/mcp',
  '/auth/.well-known/jwks.json',
]

/** Discovery, JWKS and registration answer as ever: they are made from configuration alone. */
export async function assertStatelessWorks(stack: RecordedStack): Promise<void> {
  for (const path of STATELESS) assert.equal((await rawRequest(`${stack.origin}${path}`)).status, 200, path)
  const registered = await fetch(`${stack.origin}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['http://localhost/callback'] }),
  })
  assert.equal(registered.status, 201)
}

/** Our own trouble, for a program: 503, when to come back, and JSON. */
export function assertUnavailable(answer: RawAnswer): void {
  assert.equal(answer.status, 503)
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/)
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/)
  assert.equal(answer.headers['www-authenticate'], undefined)
  assert.doesNotThrow(() => JSON.parse(answer.body) as unknown)
}

/** Our own trouble, for a person: a page that says so, and when to come back. */
export function assertUnavailablePage(answer: RawAnswer): void {
  assert.equal(answer.status, 503)
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/)
  assert.match(answer.headers['content-type'] ?? '', /^text\/html/)
  assert.match(answer.body, /Try again/)
}

/** Where a new authorization begins: the URL that a client would open. */
export async function authorizationUrl(stack: RecordedStack): Promise<string> {
  return (await (await mcpUser(stack.mcpUrl)).begin()).href
}
