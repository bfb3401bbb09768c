import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  publishAuthzHeartbeat,
  SESSION_CHANGES,
  type AuthzHeartbeat,
} from '../../../core/sessions/session-changes.ts'
import { mastersOf } from '../../../core/store/store-masters.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { openSession, type Opening } from '../support/sessions.ts'
import { startGate } from '../support/gate.ts'
import { beforeAll } from '../../support/before-all.ts'

const HOUR_MS = 3_600_000

describe('authz with a stale subscription', () => {
  let opening: Opening
  let token: string

  const gate = beforeAll(
    async () => await startGate(await startValkey(), { heartbeatIntervalMs: HOUR_MS, hasStillClock: true }),
  )

  /** The only beat is the one after subscribing, unless a test has another one published. */
  beforeEach(async () => {
    gate.subscriber.disconnect(true)
    await until(() => !gate.changes.isLive, 'the end of the connection')
    await until(() => gate.changes.isLive, 'the beat of a new one')
    opening = openSession()
    token = await gate.issueToken(opening)
    assert.equal(await ask(), 200)
  })

  const ask = async (): Promise<number> => {
    const answer = await gate.envoy.present(token)
    return answer.kind === 'ok_response' ? 200 : (answer.httpStatus ?? 0)
  }
  /** As if what was published had gone missing on the way. */
  const endSilently = (): Promise<number> => gate.redis.del(`connect:{${opening.session.id}}:session`)
  const beSilent = (): void => {
    gate.clock.skippedMs += 2000
    assert.equal(gate.changes.isLive, false)
  }

  async function beat(changes: Partial<AuthzHeartbeat> = {}): Promise<void> {
    const [[master, redis] = []] = await mastersOf(gate.redis)
    assert.ok(master !== undefined && redis !== undefined)
    const heard = once(gate.subscriber, 'message')
    await publishAuthzHeartbeat(redis, { beat: gate.name, master, sentMs: gate.elapsedMs(), ...changes })
    await heard
  }

  it('reads Redis at each request', async () => {
    beSilent()
    const { reads } = gate.store
    assert.deepEqual([await ask(), await ask()], [200, 200])
    assert.equal(gate.store.reads, reads + 2)
    await endSilently()
    assert.equal(await ask(), 401)
  })

  it('serves nothing cached earlier once live again, as a change may be missing', async () => {
    beSilent()
    await endSilently()
    await beat()
    assert.equal(gate.changes.isLive, true)
    assert.equal(await ask(), 401)
  })

  it('becomes live again only by its own heartbeats', async () => {
    beSilent()
    await beat({ beat: randomUUID() })
    assert.equal(gate.changes.isLive, false)
    await beat({ master: 'another' })
    assert.equal(gate.changes.isLive, false)
    await beat()
    assert.equal(gate.changes.isLive, true)
  })

  it('counts from the sending of a heartbeat, not from its arrival', async () => {
    const sentMs = gate.elapsedMs()
    beSilent()
    await beat({ sentMs })
    assert.equal(gate.changes.isLive, false)
  })

  it('treats a heartbeat from the future as one of now', async () => {
    await beat({ sentMs: gate.elapsedMs() + HOUR_MS })
    beSilent()
  })

  it('still forgets a session whose change arrives', async () => {
    beSilent()
    const heard = once(gate.subscriber, 'message')
    await gate.redis.publish(SESSION_CHANGES, JSON.stringify({ session: opening.session.id, change: 'c' }))
    await heard
    const { reads } = gate.store
    await beat()
    assert.equal(await ask(), 200)
    assert.equal(gate.store.reads, reads + 1)
  })
})
