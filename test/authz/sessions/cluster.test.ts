import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { until } from '../../support/until.ts'
import { startValkeyCluster } from '../../support/store/valkey-cluster.ts'
import { openSession, type Opening } from '../support/sessions.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { beforeAll } from '../../support/before-all.ts'

/** So many sessions have keys at every one of three masters, but for one run in millions. */
const SESSIONS = 40

describe('authz with a Redis cluster', function () {
  let gates: readonly [Gate, Gate]
  let openings: Opening[]
  let tokens: string[]

  const cluster = beforeAll(() => startValkeyCluster())

  before(async () => {
    const first = await startGate(cluster.settings)
    gates = [first, await startGate(cluster.settings, { signer: first.signer })]
  })

  beforeEach(async () => {
    openings = Array.from({ length: SESSIONS }, () => openSession())
    await Promise.all(openings.map((opening) => gates[0].save(opening)))
    tokens = await Promise.all(openings.map((opening) => gates[0].signer.sign(opening)))
    await until(() => gates.every(({ changes }) => changes.isLive), 'heartbeats of every master')
  })

  async function statuses(gate: Gate): Promise<number[]> {
    const answers = await Promise.all(tokens.map((token) => gate.envoy.present(token)))
    return answers.map((answer) => (answer.kind === 'ok_response' ? 200 : (answer.httpStatus ?? 0)))
  }

  const all = (status: number): number[] => Array.from({ length: SESSIONS }, () => status)

  async function revokeAll(): Promise<void> {
    const store = new SessionStore(gates[0].redis)
    await Promise.all(openings.map(({ session }) => store.end(session.id, randomUUID())))
  }

  it('serves from memory and receives changes from every master', async () => {
    for (const gate of gates) assert.deepEqual(await statuses(gate), all(200))
    const reads = gates.map(({ store }) => store.reads)
    for (const gate of gates) assert.deepEqual(await statuses(gate), all(200))
    assert.deepEqual(
      gates.map(({ store }) => store.reads),
      reads,
    )
    await revokeAll()
    await until(async () => (await statuses(gates[1])).every((status) => status === 401), 'the changes')
    assert.deepEqual(await statuses(gates[0]), all(401))
  })

  it('reads Redis while one master sends no heartbeats', async () => {
    for (const gate of gates) assert.deepEqual(await statuses(gate), all(200))
    await Promise.all(cluster.nodes.map((node) => node.setDeaf(true)))
    try {
      await until(() => gates.every(({ changes }) => !changes.isLive), 'a stale subscription')
      await revokeAll()
      for (const gate of gates)
        assert.deepEqual(await statuses(gate), all(401), 'each request reads the store')
    } finally {
      await Promise.all(cluster.nodes.map((node) => node.setDeaf(false)))
    }
    await until(() => gates.every(({ changes }) => changes.isLive), 'heartbeats again')
    for (const gate of gates) {
      // While connections are made anew, a request may be 503; a revoked session never passes.
      await until(async () => {
        const answers = await statuses(gate)
        assert.ok(!answers.includes(200), 'a revoked session passed')
        return answers.every((status) => status === 401)
      }, 'the revoked sessions to be read')
    }
  })

  it('serves sessions of the other masters while one hangs, and cached sessions for the grace', async () => {
    const [gate] = gates
    assert.deepEqual(await statuses(gate), all(200))
    // Not the one whose changes are listened to: a connection made anew empties the memory.
    const victim = cluster.nodes.at(-1)
    assert.ok(victim !== undefined)
    victim.pause()
    try {
      await until(() => !gate.changes.isLive, 'a stale subscription')
      assert.deepEqual(await statuses(gate), all(200))
    } finally {
      victim.resume()
    }
    await until(
      async () => (await statuses(gate)).every((status) => status === 200),
      'the store to be read again',
    )
  })
})
