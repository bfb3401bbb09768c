import assert from 'node:assert/strict'
import { property, string, assert as holds, array, constantFrom, integer, record } from 'fast-check'
import { respond, type CheckResponse } from '../../../authz/check/check-response.ts'
import { REFUSALS } from '../../../authz/check/refusals.ts'
import { writeResponse } from '../../../authz/check/write-response.ts'
import type { Decision, DenyReason } from '../../../authz/decide/decision.ts'
import { loadAuthorization, methodOf } from '../../../proto/load.ts'
import { ORIGIN, SERVICE } from '../support/evidence.ts'

const { responseSerialize, responseDeserialize } = methodOf(loadAuthorization(), 'Check')
const route = { service: SERVICE, path: '/mcp', reads: false }

/** As Envoy reads it; protobuf.js writes an absent `false` and a present one alike. */
function readBack(bytes: Buffer): object {
  return JSON.parse(JSON.stringify(responseDeserialize(bytes)).replaceAll('{"value":false}', '{}')) as object
}

function sameAsGenerated(response: CheckResponse): void {
  assert.deepEqual(readBack(writeResponse(response)), readBack(responseSerialize(response)))
}

const subject = string({ unit: 'binary', maxLength: 300 })
const headerText = string({ unit: constantFrom('a', 'Z', '9', '-', '.'), minLength: 1, maxLength: 400 })

describe('writeResponse', () => {
  it('writes every allow as the .proto files say', () => {
    const made = record({
      subject,
      client: subject,
      token: headerText,
      longestMs: integer({ min: 1 }),
      removed: array(headerText),
    })
    holds(
      property(made, ({ subject, client, token, longestMs, removed }) => {
        sameAsGenerated(
          respond(
            {
              verdict: 'allow',
              route,
              party: { subject, client, access: 'read' },
              source: 'session',
              session: 'session-1',
              toolAccess: 'needed',
              credential: { token },
              longestMs,
              headersToRemove: removed,
            },
            ORIGIN,
          ),
        )
      }),
    )
  })

  it('writes every refusal and every trouble as the .proto files say', () => {
    const reasons = Object.keys(REFUSALS) as DenyReason[]
    const refusals = reasons.map((reason): Decision => ({
      verdict: 'deny',
      reason,
      route,
      party: { client: 'ключ' },
    }))
    const trouble: Decision = { verdict: 'error', reason: 'internal', route }
    for (const decision of [...refusals, trouble]) sameAsGenerated(respond(decision, ORIGIN))
  })

  it('writes what the second check answers as the .proto files say', () => {
    sameAsGenerated(respond({ verdict: 'call_allowed', route, list: true, id: '日本' }, ORIGIN))
    sameAsGenerated(respond({ verdict: 'call_allowed', route, list: false, id: 7 }, ORIGIN))
    const refused = { verdict: 'call_refused', route, reason: 'http_method', id: undefined } as const
    sameAsGenerated(respond(refused, ORIGIN))
  })
})
