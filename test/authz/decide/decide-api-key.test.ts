import assert from 'node:assert/strict'
import { decideApiKey, type KeyEvidence } from '../../../authz/decide/decide-api-key.ts'
import { FILES } from '../../support/services.ts'
import { SERVICE } from '../support/sessions.ts'

const GOOD: KeyEvidence = {
  route: { service: SERVICE, path: '/mcp', reads: false },
  method: 'POST',
  mcpMethods: [],
  headerNames: ['x-quilt-user'],
  key: 'qk_abcdefghij0123456789xyz',
  fingerprint: 'qk_abc...xyz',
  status: { kind: 'accepted', name: 'ada' },
  access: 'full',
  maxStreamMs: 300_000,
}

const outcomeOf = (changes: Partial<KeyEvidence>): unknown[] => {
  const { verdict, identity, ...decision } = decideApiKey({ ...GOOD, ...changes })
  return [verdict, 'reason' in decision ? decision.reason : undefined, identity]
}

describe('decideApiKey', () => {
  const client = GOOD.fingerprint

  it('allows a valid key for its owner and forwards it unchanged', () => {
    const decision = decideApiKey(GOOD)
    assert.ok(decision.verdict === 'allow')
    assert.deepEqual(decision.identity, { subject: 'ada', client, access: 'full' })
    assert.equal(decision.source, 'api_key')
    assert.deepEqual(decision.credential, { token: GOOD.key })
    assert.ok(decision.headersToRemove.includes('x-quilt-user'))
  })

  it('refuses a key that the Registry refuses', () => {
    assert.deepEqual(outcomeOf({ status: { kind: 'refused' } }), ['deny', 'api_key_refused', { client }])
  })

  it('answers 503 when the Registry did not answer or was not asked', () => {
    for (const [kind, reason] of [
      ['unanswered', 'registry_unavailable'],
      ['not_asked', 'too_many_api_keys'],
    ] as const) {
      assert.deepEqual(outcomeOf({ status: { kind } }), ['error', reason, { client }])
    }
  })

  const readOnly = { ...SERVICE, grants: ['read'] } as const
  for (const [what, changes, outcome] of [
    ['everything', {}, 'full: not_needed'],
    ['reading', { access: 'read' }, 'read: needed'],
    [
      'everything, at a service that grants only reading',
      { route: { ...GOOD.route, service: readOnly } },
      'read: needed',
    ],
    [
      'reading files that are open to it',
      { access: 'read', route: { service: FILES, path: '/files', reads: true } },
      'read: not_needed',
    ],
    [
      'reading, elsewhere at files',
      { access: 'read', route: { service: FILES, path: '/files', reads: false } },
      'read: read_only',
    ],
  ] as const) {
    it(`limits the access of keys: ${what}`, () => {
      const decision = decideApiKey({ ...GOOD, ...changes })
      const asked = decision.verdict === 'allow' ? decision.toolAccess : decision.reason
      assert.equal(`${decision.identity?.access}: ${asked}`, outcome)
    })
  }

  const answers: [what: string, changes: Partial<KeyEvidence>, upstreamTimeoutMs: number][] = [
    ['an answer by an hour', {}, 3_600_000],
    ['a GET by what a stream may last', { method: 'GET' }, 300_000],
    ['a subscription by what a stream may last', { mcpMethods: ['subscriptions/listen'] }, 300_000],
    ['a stream by an hour at most', { method: 'GET', maxStreamMs: 7_200_000 }, 3_600_000],
  ]
  for (const [what, changes, upstreamTimeoutMs] of answers) {
    it(`limits ${what}`, () => {
      const decision = decideApiKey({ ...GOOD, ...changes })
      assert.ok(decision.verdict === 'allow')
      assert.equal(decision.upstreamTimeoutMs, upstreamTimeoutMs)
    })
  }
})
