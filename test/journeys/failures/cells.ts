import assert from 'node:assert/strict'
import { mcpUser } from '../support/mcp-user.ts'
import { rawRequest, type RawAnswer } from '../support/raw-request.ts'
import type { RecordedStack } from '../support/recorded-stack.ts'

const STATELESS = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-protected-resource/mcp/platform/mcp',
  '/auth/.well-known/jwks.json',
]

/** Asserts that discovery, JWKS and registration work: they need only configuration. */
export async function assertStatelessWorks(stack: RecordedStack): Promise<void> {
  for (const path of STATELESS) assert.equal((await rawRequest(`${stack.origin}${path}`)).status, 200, path)
  const registered = await fetch(`${stack.origin}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['http://localhost/callback'] }),
  })
  assert.equal(registered.status, 201)
}

/** Asserts a 503 as JSON with Retry-After. */
export function assertUnavailable(answer: RawAnswer): void {
  assert.equal(answer.status, 503)
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/)
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/)
  assert.equal(answer.headers['www-authenticate'], undefined)
  assert.doesNotThrow(() => JSON.parse(answer.body) as unknown)
}

/** Asserts a 503 page with Retry-After. */
export function assertUnavailablePage(answer: RawAnswer): void {
  assert.equal(answer.status, 503)
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/)
  assert.match(answer.headers['content-type'] ?? '', /^text\/html/)
  assert.match(answer.body, /Try again/)
}

export async function authorizationUrl(stack: RecordedStack): Promise<string> {
  return (await (await mcpUser(stack.mcpUrl)).begin()).href
}
