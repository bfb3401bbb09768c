import assert from 'node:assert/strict'
import { decide, type SessionEvidence } from '../../../authz/decide/decide.ts'
import { FILES } from '../../support/services.ts'
import { AUDIENCE, claimsOf, NOW, NOW_MS, openSession, SERVICE } from '../support/sessions.ts'

const { session, share, credential } = openSession()
const claims = claimsOf({ session, share, credential })

const GOOD: SessionEvidence = {
  route: { service: SERVICE, path: '/mcp', reads: false },
  audience: AUDIENCE,
  method: 'POST',
  mcpMethods: [],
  headerNames: [],
  claims,
  session,
  isBlockedClient: false,
  opened: { outcome: 'opened', credential },
  maxStreamMs: 300_000,
  nowMs: NOW_MS,
}

const reasonFor = (changes: Partial<SessionEvidence>): string => {
  const decision = decide({ ...GOOD, ...changes })
  return decision.verdict === 'allow' ? 'allow' : decision.reason
}

describe('decide', () => {
  const elsewhere = 'https://other.example/mcp'
  const lapsed = (expiresAt: number): SessionEvidence['opened'] => ({
    outcome: 'opened',
    credential: { token: 'q', expiresAt },
  })
  const table: [what: string, changes: Partial<SessionEvidence>, outcome: string][] = [
    ['everything in order', {}, 'allow'],
    ['another session than was asked for', { session: { ...session, id: 'x' } }, 'session_mismatch'],
    ['another client', { session: { ...session, clientId: 'x' } }, 'session_mismatch'],
    ['another person', { session: { ...session, person: { name: 'x', email: '' } } }, 'session_mismatch'],
    ['a session for another service', { session: { ...session, resource: elsewhere } }, 'session_mismatch'],
    ['another audience', { audience: elsewhere }, 'session_mismatch'],
    ['a client that is blocked', { isBlockedClient: true }, 'client_blocked'],
    ['a session in its last second', { session: { ...session, expiresAt: NOW + 1 } }, 'allow'],
    ['a session that ended this second', { session: { ...session, expiresAt: NOW } }, 'session_expired'],
    ['a session without an end', { session: { ...session, expiresAt: NaN } }, 'session_expired'],
    ['a token that expired while the session loaded', { claims: { ...claims, exp: NOW } }, 'token_expired'],
    ['a sealing key that we lack', { opened: { outcome: 'key_missing' } }, 'sealing_key_missing'],
    ['a share that does not fit', { opened: { outcome: 'wrong_share' } }, 'wrong_share'],
    ['a Quilt credential in its last second', { opened: lapsed(NOW + 1) }, 'allow'],
    ['a Quilt credential that ended this second', { opened: lapsed(NOW) }, 'credential_expired'],
    ['a Quilt credential without an end', { opened: lapsed(NaN) }, 'credential_expired'],
    [
      'an expired session of read access',
      { session: { ...session, access: 'read', expiresAt: 0 } },
      'session_expired',
    ],
  ]
  for (const [what, changes, outcome] of table) {
    it(`answers ${outcome} to ${what}`, () => assert.equal(reasonFor(changes), outcome))
  }

  it('names the user and client of a refused request', () => {
    const decision = decide({ ...GOOD, opened: { outcome: 'wrong_share' } })
    assert.deepEqual(decision.identity, { subject: 'ada', client: 'client-1', access: 'full' })
  })

  it('sets a timeout of whole milliseconds above 0, up to the last moment', () => {
    for (const nowMs of [NOW_MS, (NOW + 3599) * 1000 + 999, (NOW + 3600) * 1000 - 0.25]) {
      const decision = decide({ ...GOOD, nowMs })
      assert.ok(decision.verdict === 'allow')
      assert.equal(decision.upstreamTimeoutMs, Math.ceil((NOW + 3600) * 1000 - nowMs))
      assert.ok(decision.upstreamTimeoutMs >= 1)
    }
  })

  const FILE = { service: FILES, path: '/files', reads: true }
  const reading = { ...session, access: 'read' } as const
  for (const [what, changes, outcome] of [
    ['full access at an MCP service', {}, 'not_needed'],
    ['read access at an MCP service', { session: reading }, 'needed'],
    ['access that was downgraded', { session: { ...session, narrowedTo: 'read' } }, 'needed'],
    ['full access at files', { route: { ...FILE, reads: false } }, 'not_needed'],
    ['read access at files that are open to it', { route: FILE, session: reading }, 'not_needed'],
    ['read access elsewhere at files', { route: { ...FILE, reads: false }, session: reading }, 'read_only'],
  ] as const) {
    it(`decides if the tool_access stage is needed: ${what}`, () => {
      const decision = decide({ ...GOOD, ...changes })
      assert.equal(decision.verdict === 'allow' ? decision.toolAccess : decision.reason, outcome)
    })
  }

  for (const [what, granted, grants, access] of [
    ['a full session where the entry grants read only', 'full', ['read'], 'read'],
    ['a read session where the entry grants full only', 'read', ['full'], 'read'],
    ['a full session where the entry grants both', 'full', ['read', 'full'], 'full'],
  ] as const) {
    it(`gives ${access} access to ${what}`, () => {
      const service = { ...SERVICE, grants }
      const decision = decide({
        ...GOOD,
        route: { ...GOOD.route, service },
        session: { ...session, access: granted },
      })
      assert.equal(decision.identity?.access, access)
      assert.ok(decision.verdict === 'allow')
      assert.equal(decision.toolAccess, access === 'full' ? 'not_needed' : 'needed')
    })
  }

  for (const [what, changes, isRemoved] of [
    ['of a POST of a full session', {}, true],
    ['of a DELETE of a full session', { method: 'DELETE' }, true],
    ['of a GET, which resumes a stream', { method: 'GET' }, false],
    ['of a POST of a read session, which tool_access refuses', { session: reading }, false],
    ['of a plain HTTP service', { route: FILE }, false],
  ] as const) {
    it(`${isRemoved ? 'removes' : 'leaves'} the Last-Event-ID ${what}`, () => {
      const decision = decide({ ...GOOD, ...changes })
      assert.ok(decision.verdict === 'allow')
      assert.equal(decision.headersToRemove.includes('last-event-id'), isRemoved)
    })
  }

  it('limits an answer of a plain HTTP service by the service’s own maximum', () => {
    const decision = decide({ ...GOOD, route: FILE, method: 'GET', maxStreamMs: 1 })
    assert.ok(decision.verdict === 'allow')
    assert.equal(decision.upstreamTimeoutMs, 300_000)
  })

  const streams: [what: string, changes: Partial<SessionEvidence>][] = [
    ['a GET', { method: 'GET' }],
    ['a subscription', { mcpMethods: ['subscriptions/listen'] }],
    ['a subscription among other methods', { mcpMethods: ['ping', 'tools/list,subscriptions/listen'] }],
  ]
  for (const [what, changes] of streams) {
    it(`limits ${what} to the max stream duration, or less`, () => {
      for (const [exp, upstreamTimeoutMs] of [
        [NOW + 3600, 300_000],
        [NOW + 10, 10_000],
      ] as const) {
        const decision = decide({ ...GOOD, ...changes, claims: { ...claims, exp } })
        assert.ok(decision.verdict === 'allow')
        assert.equal(decision.upstreamTimeoutMs, upstreamTimeoutMs)
      }
    })
  }

  it('limits any other answer only by the token’s expiry', () => {
    const decision = decide({ ...GOOD, mcpMethods: ['tools/call'] })
    assert.ok(decision.verdict === 'allow')
    assert.equal(decision.upstreamTimeoutMs, 3600_000)
  })
})
