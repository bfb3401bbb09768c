import assert from 'node:assert/strict'
import type { Answer } from './envoy.ts'
import { ORIGIN } from './sessions.ts'

const METADATA_URL = `${ORIGIN}/.well-known/oauth-protected-resource/mcp/platform/mcp`
const CHALLENGE = `Bearer resource_metadata="${METADATA_URL}", scope="platform"`

/** 401 with exactly one challenge; the error in it only where a credential was shown. */
export function assertChallenged(answer: Answer, reason: string, description?: string): void {
  assert.equal(answer.metadata.reason, reason)
  assert.deepEqual([answer.kind, answer.code, answer.httpStatus], ['denied_response', 16, 401])
  const error = description === undefined ? '' : `, error="invalid_token", error_description="${description}"`
  assert.deepEqual(Object.fromEntries(answer.headers), {
    'www-authenticate': CHALLENGE + error,
    'content-type': 'application/json',
    'cache-control': 'no-store',
  })
  assert.equal(answer.body, '{"jsonrpc":"2.0","error":{"code":-32001,"message":"Unauthorized"},"id":null}')
  assert.equal(answer.metadata.decision, 'deny')
  assert.deepEqual(answer.removed, [])
}

export const assertInvalid = (answer: Answer, reason: string): void =>
  assertChallenged(answer, reason, 'The access token is not valid')
export const assertExpired = (answer: Answer, reason: string): void =>
  assertChallenged(answer, reason, 'The access token has expired')

/** Our own trouble: never 401, never a pass. */
export function assertUnavailable(answer: Answer, reason: string): void {
  assert.deepEqual([answer.kind, answer.code, answer.httpStatus], ['error_response', 14, 503])
  assert.equal(answer.headers.get('retry-after'), '2')
  assert.equal(answer.headers.get('content-type'), 'application/json')
  assert.doesNotThrow(() => JSON.parse(answer.body ?? '') as unknown)
  assert.equal(answer.metadata.decision, 'error')
  assert.equal(answer.metadata.reason, reason)
}
