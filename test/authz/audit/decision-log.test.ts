import assert from 'node:assert/strict'
import { pino } from 'pino'
import { readAuthenticateRequest } from '../../../authz/envoy/check-request.ts'
import { DecisionLog } from '../../../authz/audit/decision-log.ts'
import type { SessionFacts } from '../../../core/sessions/session.ts'
import type { Decision } from '../../../authz/decide/decision.ts'
import { StoreUnavailableError, type SessionLookup } from '../../../authz/sessions/session-cache.ts'
import { asEnvoySends } from '../support/envoy.ts'
import { SERVICE } from '../support/sessions.ts'

const route = { service: SERVICE, path: '/mcp', reads: false }
const identity = { subject: 'ada', client: 'client-1', access: 'full' } as const
const facts = requestWith('Bearer secret')

function requestWith(authorization: string) {
  const headers = { 'x-request-id': 'r', authorization, cookie: 'secret' }
  return readAuthenticateRequest(asEnvoySends({ attributes: { request: { http: { headers } } } }))
}

/** The log line of a decision without time and process. */
function lineOf(decision: Decision, request = facts, lookup: SessionLookup = {}): Record<string, unknown> {
  let line = '{}'
  const log = pino({ level: 'debug', base: {}, timestamp: false }, { write: (text) => void (line = text) })
  new DecisionLog(log, () => 0).authenticated(decision, { request, lookup, milliseconds: 1.2345 })
  return JSON.parse(line) as Record<string, unknown>
}

const [DEBUG, INFO, ERROR] = [20, 30, 50]

describe('The log of decisions', () => {
  it('logs an allow without its credential, at debug', () => {
    const line = lineOf({
      verdict: 'allow',
      route,
      identity,
      source: 'session',
      toolAccess: 'not_needed',
      credential: { token: 'secret' },
      upstreamTimeoutMs: 1,
      headersToRemove: [],
    })
    const expected = {
      level: DEBUG,
      request: 'r',
      decision: 'allow',
      to_service: 'platform',
      ...identity,
      milliseconds: 1.23,
      msg: 'request allowed',
    }
    assert.deepEqual(line, expected)
  })

  it('logs a denial with its reason', () => {
    const line = lineOf({ verdict: 'deny', reason: 'token_wrong_audience', route })
    assert.deepEqual(line, {
      level: INFO,
      request: 'r',
      decision: 'deny',
      to_service: 'platform',
      milliseconds: 1.23,
      reason: 'token_wrong_audience',
      msg: 'request denied',
    })
  })

  it('logs of a denied session its times, where it was read, and the key of the token', () => {
    const token = (header: object) =>
      requestWith(`Bearer ${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.secret`)
    const session = { createdAt: 0, expiresAt: 86_400 } as SessionFacts
    const denied = { verdict: 'deny', reason: 'session_expired', route, identity } as const
    const line = lineOf(denied, token({ kid: 'key-1' }), { session, source: 'memory' })
    assert.equal(line.tokenKey, 'key-1')
    assert.equal(line.sessionFrom, 'memory')
    assert.equal(line.sessionOpenedAt, '1970-01-01T00:00:00.000Z')
    assert.equal(line.sessionExpiresAt, '1970-01-02T00:00:00.000Z')
    for (const header of [{}, { kid: 1 }, { kid: 'not an id' }, { kid: 'key-1', x: 'x'.repeat(300) }, []]) {
      assert.equal(lineOf(denied, token(header)).tokenKey, undefined)
    }
  })

  it('logs the stack of an error, but not its message', () => {
    const cause = Object.assign(new TypeError('Unexpected token in "secret"'), { command: ['secret'] })
    const line = lineOf({ verdict: 'error', reason: 'internal', route, cause })
    assert.equal(line.level, ERROR)
    assert.equal(line.error, 'TypeError')
    assert.ok(Array.isArray(line.at) && String(line.at[0]).includes('decision-log.test.ts'))
    assert.ok(!JSON.stringify(line).includes('secret'))
  })

  it('logs what the store complained about', () => {
    const cause = new StoreUnavailableError('Command timed out')
    const line = lineOf({ verdict: 'error', reason: 'store_unavailable', route, cause })
    assert.equal(line.error, 'Command timed out')
  })

  it('takes anything for a cause', () => {
    assert.equal(lineOf({ verdict: 'error', reason: 'internal', cause: 'secret' }).error, undefined)
  })

  it('counts denials without a user beyond 3000 a minute, reads no token for them, and logs those with one', () => {
    const lines: Record<string, unknown>[] = []
    const write = (text: string): void => void lines.push(JSON.parse(text) as Record<string, unknown>)
    const clock = { ms: 0 }
    const log = new DecisionLog(pino({}, { write }), () => clock.ms)
    let tokensRead = 0
    const request = {
      ...facts,
      get authorization() {
        tokensRead += 1
        return []
      },
    }
    const deny = (decision: object): void =>
      log.authenticated(
        { verdict: 'deny', reason: 'api_key_refused', route, ...decision },
        {
          request,
          lookup: {},
          milliseconds: 1,
        },
      )
    const madeUp = { identity: { client: 'qk_abc...xyz' } }
    for (let count = 0; count < 3010; count += 1) deny(count % 2 === 0 ? madeUp : {})
    assert.deepEqual([lines.length, tokensRead], [3000, 3000])
    deny({ identity })
    assert.equal(lines.at(-1)?.refusalsNotRecorded, 10)
    clock.ms += 60_000
    deny({})
    assert.equal(lines.length, 3002)
  })

  it('reads nothing for a line that its level leaves out', () => {
    const log = new DecisionLog(pino({ level: 'warn' }, { write: () => assert.fail('written') }), () => 0)
    const decision = { verdict: 'deny', reason: 'no_credential', route } as const
    const request = new Proxy(facts, { get: () => assert.fail('read') })
    log.authenticated(decision, { request, lookup: {}, milliseconds: 1 })
  })
})
