import assert from 'node:assert/strict'
import { audienceOf, type Service } from '../../../../core/services/service.ts'
import { beforeAll } from '../../../support/before-all.ts'
import { FILES, PLATFORM } from '../../../support/services.ts'
import { startValkey } from '../../../support/store/valkey.ts'
import type { Answer } from '../../support/envoy.ts'
import { startGate, type Gate } from '../../support/gate.ts'
import { json } from '../../support/registry.ts'
import { openSession, ORIGIN } from '../../support/sessions.ts'

const SERVICES = [PLATFORM, FILES] as const
const KEY = `qk_${'a1b2c3d4e5'.repeat(5)}`

function ask(gate: Gate, { name, paths }: Service, token?: string): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const request = { http: { method: 'POST', headers: { 'x-request-id': 'r', ...headers } } }
  return gate.envoy.ask({
    attributes: { request, context_extensions: { service: name, path: paths[0] } },
  })
}

function assertStopped(answer: Answer): void {
  assert.deepEqual([answer.kind, answer.code, answer.httpStatus], ['denied_response', 7, 503])
  assert.deepEqual(Object.fromEntries(answer.headers), {
    'retry-after': '60',
    'content-type': 'application/json',
    'cache-control': 'no-store',
  })
  assert.match(answer.body ?? '', /"code":-32000,"message":"The operator has stopped this service/)
  assert.deepEqual([answer.metadata.decision, answer.metadata.reason], ['deny', 'stopped'])
}

const valkey = beforeAll(() => startValkey())

describe('authz with CONNECT_STOP', () => {
  const stop = new Set<string>()
  const gate = beforeAll(() => startGate(valkey, { services: SERVICES, apiKeys: 'full', stop }))

  beforeEach(() => {
    stop.clear()
    gate.registry.answer(json(200, { data: { me: { name: 'ada' } } }))
  })

  it('answers 503 to a session in memory, and allows one of another service', async () => {
    const tokens: string[] = []
    for (const service of SERVICES) {
      const resource = audienceOf(ORIGIN, service)
      const token = await gate.issueToken(openSession({ resource, scope: service.scopes[0] }))
      assert.equal((await ask(gate, service, token)).kind, 'ok_response')
      tokens.push(token)
    }
    stop.add('platform')
    const reads = gate.store.reads
    assertStopped(await ask(gate, PLATFORM, tokens[0]))
    assert.equal((await ask(gate, FILES, tokens[1])).kind, 'ok_response')
    assert.equal(gate.store.reads, reads)
    stop.clear()
    assert.equal((await ask(gate, PLATFORM, tokens[0])).kind, 'ok_response')
  })

  it('answers 503 to an API key, without asking the Registry', async () => {
    assert.equal((await ask(gate, PLATFORM, KEY)).kind, 'ok_response')
    stop.add('platform')
    gate.registry.requests.length = 0
    for (const key of [KEY, `${KEY}x`]) assertStopped(await ask(gate, PLATFORM, key))
    assert.deepEqual(gate.registry.requests, [])
    assert.equal((await ask(gate, FILES, KEY)).kind, 'ok_response')
  })

  it('answers 503 and not 401 without a credential, or with a bad one', async () => {
    stop.add('platform')
    for (const token of [undefined, 'not-a-token', 'a.b.c']) assertStopped(await ask(gate, PLATFORM, token))
    assert.equal((await ask(gate, FILES)).httpStatus, 401)
  })

  it('answers 503 at tool_access too', async () => {
    stop.add('platform')
    const context_extensions = { service: 'platform', path: PLATFORM.paths[0] }
    const request = { http: { method: 'POST', headers: {} } }
    const answer = await gate.envoy.askToolAccess({ attributes: { request, context_extensions } })
    assert.deepEqual([answer.kind, answer.httpStatus], ['denied_response', 503])
  })
})

describe('authz with CONNECT_STOP=all', () => {
  it('answers 503 at every service, and 404 at no service', async () => {
    const gate = await startGate(valkey, { services: SERVICES, stop: 'all' })
    const token = await gate.issueToken(openSession())
    for (const service of SERVICES) assertStopped(await ask(gate, service, token))
    assert.equal((await gate.envoy.ask({ attributes: {} })).httpStatus, 404)
  })
})
