import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { mastersOf } from '../../../core/store/store-masters.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { until } from '../../support/until.ts'
import { startValkeyCluster, type ClusterNode } from '../../support/store/valkey-cluster.ts'
import { openSession, type Opening } from '../support/sessions.ts'
import { startGate } from '../support/gate.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('authz with failing nodes of a Redis cluster', function () {
  const cluster = beforeAll(() => startValkeyCluster())
  const gate = beforeAll(() => startGate(cluster.settings, { heartbeatIntervalMs: 100 }))

  const ask = async (opening: Opening): Promise<number> => {
    const answer = await gate.envoy.present(await gate.signer.sign(opening))
    return answer.kind === 'ok_response' ? 200 : (answer.httpStatus ?? 0)
  }

  /** A session that is at this node, and that the gate knows. */
  async function sessionAt({ port }: ClusterNode): Promise<Opening> {
    const sessions = new SessionStore(gate.redis)
    let opening: Opening
    do opening = openSession()
    while (sessions.nodeOf(opening.session.id) !== `127.0.0.1:${port}`)
    await gate.save(opening)
    assert.equal(await ask(opening), 200)
    return opening
  }

  const end = (opening: Opening) => new SessionStore(gate.redis).end(opening.session.id, randomUUID())

  it('subscribes at another node when its own receives nothing', async () => {
    const [own] = cluster.nodes
    assert.ok(own !== undefined)
    await own.setDeaf(true)
    gate.clock.skippedMs += 2000
    assert.equal(gate.changes.isLive, false)
    await storeEvent(gate.subscriber, 'ready')
    await until(() => gate.changes.isLive, 'beats of every master at another node')
    await own.setDeaf(false)
  })

  it('serves from memory again after a failover, and ended sessions stay ended', async () => {
    const [, victim, other] = cluster.nodes
    assert.ok(victim !== undefined && other !== undefined)
    const heir = await cluster.addReplica(victim)
    await until(() => gate.changes.isLive, 'a heartbeat')
    const [kept, ended] = [await sessionAt(victim), await sessionAt(victim)]
    assert.equal(await end(ended), 'replicated')
    assert.equal(await end(await sessionAt(other)), 'no_replica')
    await victim.kill()
    const isMissed = async (): Promise<boolean> =>
      String(await heir.redis.call('CLUSTER', 'NODES')).includes(',fail')
    await until(isMissed, 'the others to miss it')
    await until(async () => (await heir.redis.info('replication')).includes('role:master'), 'a new master')
    const isKnown = async (): Promise<boolean> => (await mastersOf(gate.redis)).has(`127.0.0.1:${heir.port}`)
    await until(isKnown, 'the new master to be known')
    await until(() => gate.changes.isLive, 'its heartbeat')
    assert.deepEqual([await ask(kept), await ask(ended)], [200, 401])
    // For a moment, some nodes still publish at the old master.
    const fromMemory = async (): Promise<boolean> => {
      const { reads } = gate.store
      return (await ask(kept)) === 200 && gate.store.reads === reads
    }
    await until(fromMemory, 'memory to be trusted')
    await end(kept)
    await until(async () => (await ask(kept)) === 401, 'the change to be heard')
  })
})
