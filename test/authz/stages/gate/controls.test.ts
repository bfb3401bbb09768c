import assert from 'node:assert/strict'
import { fingerprintOf } from '../../../../core/clients/blocked-clients.ts'
import { SESSION_CHANGES_ACKNOWLEDGED } from '../../../../core/sessions/session-changes.ts'
import { beforeAll } from '../../../support/before-all.ts'
import { until } from '../../../support/until.ts'
import { startValkey } from '../../../support/store/valkey.ts'
import { listenTo } from '../../../core/support/store.ts'
import { CONTEXT, question, type Answer } from '../../support/envoy.ts'
import { startGate, type Gate } from '../../support/gate.ts'
import { openSession } from '../../support/sessions.ts'
import { assertInvalid, assertUnavailable } from '../../support/verdicts.ts'

const SET = { by: 'ada', at: 1_795_500_000 }
const CLIENT = 'client-1'
const KEY = `qk_${'a1b2c3d4e5'.repeat(5)}`

describe('authz, when an operator blocks or stops in Redis', () => {
  const valkey = beforeAll(() => startValkey())
  const gate = beforeAll(() => startGate(valkey, { apiKeys: 'full' }))

  afterEach(async () => {
    await changed(gate, (change) => gate.controlStore.unblockClient(fingerprintOf(CLIENT), { change }))
    await changed(gate, (change) => gate.controlStore.start('all', { change }))
  })

  /** Makes a change, and waits for the acknowledgement. */
  async function changed(to: Gate, make: (change: string) => Promise<unknown>): Promise<void> {
    const acknowledgements = await listenTo(valkey.url, SESSION_CHANGES_ACKNOWLEDGED)
    await make('a change')
    assert.deepEqual(JSON.parse(await acknowledgements.next()), { change: 'a change', by: to.name })
  }

  it('refuses the next request of a blocked client with a session in memory, without reading Redis', async () => {
    const token = await gate.issueToken(openSession({ clientId: CLIENT }))
    const other = await gate.issueToken(openSession({ clientId: 'another' }))
    for (const each of [token, other]) assert.equal((await gate.envoy.present(each)).kind, 'ok_response')
    const { reads } = gate.store
    await changed(gate, (change) => gate.controlStore.blockClient(fingerprintOf(CLIENT), { ...SET, change }))
    assertInvalid(await gate.envoy.present(token), 'client_blocked')
    assert.equal((await gate.envoy.present(other)).kind, 'ok_response')
    assert.equal(gate.store.reads, reads)
    await changed(gate, (change) => gate.controlStore.unblockClient(fingerprintOf(CLIENT), { change }))
    assert.equal((await gate.envoy.present(token)).kind, 'ok_response')
  })

  it('refuses a tool call whose client was blocked after authenticate', async () => {
    const opening = openSession({ clientId: CLIENT, access: 'read' })
    const token = await gate.issueToken(opening)
    const first = await gate.envoy.present(token)
    assert.equal(first.metadata.tool_access, 'needed')
    await changed(gate, (change) => gate.controlStore.blockClient(fingerprintOf(CLIENT), { ...SET, change }))
    assertInvalid(await askToolAccess(first), 'client_blocked')
  })

  async function askToolAccess({ metadata }: Answer): Promise<Answer> {
    const stringValues = Object.entries(metadata).map(([name, value]) => [name, { stringValue: value }])
    const fields = Object.fromEntries(stringValues) as object
    return await gate.envoy.askToolAccess({
      attributes: {
        request: { http: { method: 'POST', headers: {} } },
        context_extensions: CONTEXT,
        metadata_context: { filter_metadata: { 'envoy.filters.http.ext_authz': { fields } } },
      },
    })
  }

  it('answers 503 while everything is stopped, to sessions and API keys', async () => {
    const token = await gate.issueToken(openSession())
    await changed(gate, (change) => gate.controlStore.stop('all', { ...SET, change }))
    for (const each of [token, KEY]) {
      const { httpStatus, metadata } = await gate.envoy.present(each)
      assert.deepEqual([httpStatus, metadata.reason], [503, 'stopped'])
    }
    await changed(gate, (change) => gate.controlStore.start('all', { change }))
    assert.equal((await gate.envoy.present(token)).kind, 'ok_response')
  })
})

describe('authz, when Redis cannot say what is blocked', () => {
  const valkey = beforeAll(() => startValkey())

  async function makeUnreadable(gate: Gate): Promise<void> {
    await gate.controlStore.blockClient('evil.example', { ...SET, change: 'x' })
    const [key = ''] = await gate.redis.keys('connect:controls:*')
    await gate.redis.hset(key, 'record', 'no json', 'revision', 99)
  }

  it('M05: serves sessions for the grace, then answers 503, and recovers', async () => {
    const gate = await startGate(valkey, { graceMs: 30_000, apiKeys: 'full' })
    const token = await gate.issueToken(openSession())
    assert.equal((await gate.envoy.present(token)).kind, 'ok_response')
    await makeUnreadable(gate)
    assert.equal((await gate.envoy.present(token)).kind, 'ok_response')
    gate.clock.skippedMs = 31_000
    for (const credential of [token, KEY]) {
      assertUnavailable(await gate.envoy.present(credential), 'store_unavailable')
    }
    // No credential, or a bad one, is refused in any case: Redis is not asked.
    assert.equal((await gate.envoy.ask(question({}))).metadata.reason, 'no_credential')
    assert.equal((await gate.envoy.present('forged')).metadata.reason, 'token_malformed')
    await gate.redis.del(await gate.redis.keys('connect:controls:*'))
    await until(async () => (await gate.envoy.present(token)).kind === 'ok_response', 'the next read')
  })

  it('answers 503 from its start', async () => {
    const before = await startGate(valkey)
    await makeUnreadable(before)
    const gate = await startGate(valkey)
    const token = await gate.issueToken(openSession())
    assertUnavailable(await gate.envoy.present(token), 'store_unavailable')
    await gate.redis.del(await gate.redis.keys('connect:controls:*'))
  })
})
