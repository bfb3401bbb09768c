import assert from 'node:assert/strict'
import { pino } from 'pino'
import { readAuthenticateRequest } from '../../../authz/envoy/check-request.ts'
import { logDecision } from '../../../authz/envoy/report.ts'
import type { Decision } from '../../../authz/decide/decision.ts'
import { StoreUnavailableError } from '../../../authz/sessions/session-cache.ts'
import { asEnvoySends } from '../support/envoy.ts'
import { SERVICE } from '../support/sessions.ts'

const route = { service: SERVICE, path: '/mcp', reads: false }
const identity = { subject: 'ada', client: 'client-1', access: 'full' } as const
const facts = readAuthenticateRequest(
  asEnvoySends({
    attributes: {
      request: {
        http: { headers: { 'x-request-id': 'r', authorization: 'Bearer secret', cookie: 'secret' } },
      },
    },
  }),
)

/** The log line of a decision without time and process. */
function lineOf(decision: Decision): Record<string, unknown> {
  let line = '{}'
  logDecision(
    pino({ level: 'debug', base: {}, timestamp: false }, { write: (text) => void (line = text) }),
    facts,
    decision,
  )
  return JSON.parse(line) as Record<string, unknown>
}

const [DEBUG, INFO, ERROR] = [20, 30, 50]

describe('logDecision', () => {
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
      service: 'platform',
      ...identity,
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
      service: 'platform',
      reason: 'token_wrong_audience',
      msg: 'request denied',
    })
  })

  it('logs the stack of an error, but not its message', () => {
    const cause = Object.assign(new TypeError('Unexpected token in "secret"'), { command: ['secret'] })
    const line = lineOf({ verdict: 'error', reason: 'internal', route, cause })
    assert.equal(line.level, ERROR)
    assert.equal(line.error, 'TypeError')
    assert.ok(Array.isArray(line.at) && String(line.at[0]).includes('report.test.ts'))
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
})
