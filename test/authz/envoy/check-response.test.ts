import assert from 'node:assert/strict'
import { UnsafeHeaderError } from '../../../authz/envoy/header.ts'
import { respond } from '../../../authz/envoy/check-response.ts'
import { REFUSALS } from '../../../authz/envoy/refusals.ts'
import type { DenyReason, UnavailableReason } from '../../../authz/decide/decision.ts'
import type { Service } from '../../../core/services/service.ts'
import { readAnswer } from '../support/envoy.ts'
import { ORIGIN, SERVICE } from '../support/sessions.ts'

const route = { service: SERVICE, path: '/mcp', reads: false }
const identity = { subject: 'ada', client: 'client-1', access: 'full' } as const
const allowed = {
  verdict: 'allow',
  route,
  identity,
  source: 'session',
  session: 'session-1',
  toolAccess: 'not_needed',
  credential: { token: 'quilt' },
  upstreamTimeoutMs: 5,
  headersToRemove: ['cookie'],
} as const

const DENY_REASONS = Object.keys(REFUSALS) as DenyReason[]
const TROUBLE_REASONS: UnavailableReason[] = [
  'store_unavailable',
  'too_many_new_tokens',
  'too_late',
  'sealing_key_missing',
  'signing_key_missing',
  'audit_unavailable',
  'not_authenticated',
  'internal',
]

describe('respond', () => {
  for (const reason of DENY_REASONS) {
    it(`writes ${reason} as a denial`, () => {
      for (const decision of [
        { verdict: 'deny', reason, route } as const,
        { verdict: 'deny', reason } as const,
      ]) {
        const answer = readAnswer(respond(decision, ORIGIN))
        assert.notEqual(answer.code, 0)
        assert.equal(answer.kind, 'denied_response')
        const statuses = reason === 'stopped' ? [404, 503] : [401, 403, 404]
        assert.ok(statuses.includes(answer.httpStatus ?? 0))
        assert.equal(answer.metadata.decision, 'deny')
      }
    })
  }

  for (const reason of TROUBLE_REASONS) {
    it(`writes ${reason} as an error (503)`, () => {
      const answer = readAnswer(respond({ verdict: 'error', reason }, ORIGIN))
      assert.deepEqual([answer.code, answer.kind, answer.httpStatus], [14, 'error_response', 503])
      assert.ok(Number(answer.headers.get('retry-after')) > 0)
    })
  }

  it('has each parameter that clients search for once per challenge', () => {
    for (const reason of DENY_REASONS) {
      const { headers } = readAnswer(respond({ verdict: 'deny', reason, route }, ORIGIN))
      const challenge = headers.get('www-authenticate') ?? 'Bearer scope= resource_metadata='
      for (const word of ['Bearer', 'scope=', 'resource_metadata=']) {
        assert.equal(challenge.split(word).length, 2, `${reason}: ${word}`)
      }
      assert.ok(challenge.split('error=').length <= 2)
      assert.ok(!challenge.includes('offline_access'))
    }
  })

  it('advises to reconnect only when the service grants full access', () => {
    const refusal = (grants: Service['grants']): string => {
      const service = { ...SERVICE, grants }
      const denied = { verdict: 'deny', reason: 'read_only', route: { ...route, service } } as const
      return readAnswer(respond(denied, ORIGIN)).body ?? ''
    }
    assert.match(refusal(['read', 'full']), /read-only access\. To allow more, reconnect/)
    assert.match(
      refusal(['read']),
      /read-only access\. The operator of this server offers only read-only access/,
    )
  })

  it('writes only an allow with code 0', () => {
    const answer = readAnswer(respond(allowed, ORIGIN))
    assert.deepEqual([answer.code, answer.kind], [0, 'ok_response'])
    assert.equal(answer.headers.get('authorization'), 'Bearer quilt')
    assert.deepEqual(answer.removed, ['cookie'])
  })

  for (const bad of ['a\rb', 'a\nb', 'a\0b', 'a\u0085b', 'a\u2028b', '\u00ff']) {
    it(`refuses to write ${JSON.stringify(bad)} into a header, and does not quote it`, () => {
      const decision = { ...allowed, credential: { token: bad } }
      assert.throws(
        () => respond(decision, ORIGIN),
        (error) => error instanceof UnsafeHeaderError && !error.message.includes(bad),
      )
    })
  }
})
