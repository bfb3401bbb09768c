import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { status } from '@grpc/grpc-js'
import { pino } from 'pino'
import {
  liveAuthz,
  readAcknowledgement,
  SESSION_CHANGES,
  SESSION_CHANGES_ACKNOWLEDGED,
} from '../../../core/sessions/session-changes.ts'
import { connectRedis } from '../../../core/store/redis.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { question } from '../support/envoy.ts'
import { openSession, type Opening } from '../support/sessions.ts'
import { startGate } from '../support/gate.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('authz with cached sessions', () => {
  let opening: Opening
  let token: string

  const valkey = beforeAll(() => startValkey())
  const gate = beforeAll(() => startGate(valkey))

  beforeEach(async () => {
    gate.store.pause = undefined
    opening = openSession()
    token = await gate.issueToken(opening)
    await until(() => gate.changes.isLive, 'a heartbeat')
  })

  const httpStatus = async (): Promise<number> => {
    const answer = await gate.envoy.present(token)
    return answer.kind === 'ok_response' ? 200 : (answer.httpStatus ?? 0)
  }
  /** Takes the session away without telling anybody. */
  const endSilently = (): Promise<number> => gate.redis.del(`connect:{${opening.session.id}}:session`)

  /** Holds the next read of the store up, after it has read. */
  function holdUp(): { reading: Promise<undefined>; goOn: () => void } {
    const reading = Promise.withResolvers<undefined>()
    const held = Promise.withResolvers<undefined>()
    gate.store.pause = async () => {
      gate.store.pause = undefined
      reading.resolve(undefined)
      await held.promise
    }
    return { reading: reading.promise, goOn: () => held.resolve(undefined) }
  }

  /** Ends the session, and waits until the gate says that it knows. */
  async function revoke(): Promise<void> {
    const change = randomUUID()
    const listener = connectRedis(valkey.url, pino({ level: 'silent' }))
    await storeEvent(listener, 'ready')
    await listener.subscribe(SESSION_CHANGES_ACKNOWLEDGED)
    // Gates of other tests may share the store, and acknowledge too.
    const acknowledged = new Set<unknown>()
    listener.on('message', (_channel, text: string) => {
      const acknowledgement = readAcknowledgement(text)
      if (acknowledgement?.change === change) acknowledged.add(acknowledgement.by)
    })
    await new SessionStore(gate.redis).end(opening.session.id, change)
    await until(() => acknowledged.has(gate.name), "this gate's acknowledgement")
    listener.disconnect()
  }

  it('refuses the next request after a change was acknowledged', async () => {
    assert.equal(await httpStatus(), 200)
    await revoke()
    assert.equal(await httpStatus(), 401)
  })

  it('serves from memory, and does not see an unpublished change', async () => {
    assert.equal(await httpStatus(), 200)
    await endSilently()
    assert.equal(await httpStatus(), 200)
  })

  it('discards a read during which a change arrives', async () => {
    const { reading, goOn } = holdUp()
    const asked = httpStatus()
    await reading
    await revoke()
    goOn()
    assert.equal(await asked, 401)
    assert.equal(await httpStatus(), 401)
  })

  it('forgets everything when the subscription was lost', async () => {
    assert.equal(await httpStatus(), 200)
    await endSilently()
    const lost = storeEvent(gate.subscriber, 'close')
    await gate.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await lost
    assert.equal(await httpStatus(), 401)
    await until(() => gate.changes.isLive, 'a beat on the new connection')
    assert.equal(await httpStatus(), 401)
  })

  it('receives changes again after a reconnect', async () => {
    const lost = storeEvent(gate.subscriber, 'close')
    await gate.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await lost
    await until(() => gate.changes.isLive, 'a beat on the new connection')
    assert.equal(await httpStatus(), 200)
    await revoke()
    assert.equal(await httpStatus(), 401)
  })

  it('discards a read during which the subscription was lost', async () => {
    const { reading, goOn } = holdUp()
    const asked = httpStatus()
    await reading
    await endSilently()
    const lost = storeEvent(gate.subscriber, 'close')
    await gate.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await lost
    goOn()
    assert.equal(await asked, 401)
  })

  it('forgets everything when Redis was emptied', async () => {
    assert.equal(await httpStatus(), 200)
    await gate.redis.call('FLUSHALL')
    await until(async () => (await httpStatus()) === 401, 'the next beat')
  })

  for (const text of ['{"person":"ada"}', 'no json', 'null', '{}']) {
    it(`forgets everything after the message ${text}, and survives`, async () => {
      assert.equal(await httpStatus(), 200)
      await endSilently()
      const heard = once(gate.subscriber, 'message')
      await gate.redis.publish(SESSION_CHANGES, text)
      await heard
      assert.equal(await httpStatus(), 401)
    })
  }

  const endings: [what: string, timeoutMs: number | undefined, code: number][] = [
    ['whose deadline has passed', 50, status.DEADLINE_EXCEEDED],
    ['that was cancelled', undefined, status.CANCELLED],
  ]
  for (const [what, timeoutMs, code] of endings) {
    it(`caches nothing for a call ${what}`, async () => {
      const { reading, goOn } = holdUp()
      const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs }
      const asked = gate.envoy.begin(question({ authorization: `Bearer ${token}` }), options)
      await reading
      if (timeoutMs === undefined) asked.cancel()
      await assert.rejects(asked.answer, { code })
      const reads = gate.store.reads
      gate.lines.length = 0
      // By then the server has heard of the cancellation too: it answers in order.
      await gate.envoy.ask(question({}))
      goOn()
      await until(() => gate.lines.some(({ reason }) => reason === 'too_late'), 'the late decision')
      assert.equal(await httpStatus(), 200)
      assert.equal(gate.store.reads, reads + 1)
    })
  }

  it('leaves the list of live processes when it stops, and reads Redis for each request from then on', async () => {
    const stopping = await startGate(valkey, { heartbeatIntervalMs: 5 })
    await stopping.save(opening)
    const ask = async () => await stopping.envoy.present(await stopping.signer.sign(opening))
    await ask()
    await stopping.changes.stop()
    assert.ok(!(await liveAuthz(stopping.redis)).includes(stopping.name))
    await endSilently()
    assert.equal((await ask()).httpStatus, 401)
    assert.ok(!(await liveAuthz(stopping.redis)).includes(stopping.name))
  })

  it('answers 503 while Redis hangs, before Envoy gives up', async () => {
    valkey.pause()
    const begun = performance.now()
    assert.equal(await httpStatus(), 503)
    assert.ok(performance.now() - begun < 450)
    valkey.resume()
    await until(async () => (await httpStatus()) === 200, 'the store to be read again')
  })

  it('serves cached sessions for the grace while Redis is down, and all sessions afterwards', async () => {
    assert.equal(await httpStatus(), 200)
    const unknown = openSession()
    await gate.save(unknown)
    const lost = Promise.all([storeEvent(gate.subscriber, 'close'), storeEvent(gate.redis, 'close')])
    await valkey.kill()
    await lost
    assert.equal(await httpStatus(), 200, 'known, within the grace')
    assert.equal((await gate.envoy.present(await gate.signer.sign(unknown))).httpStatus, 503)
    gate.clock.skippedMs += 30_000
    assert.equal(await httpStatus(), 503, 'the grace is over')
    const back = Promise.all([storeEvent(gate.subscriber, 'ready'), storeEvent(gate.redis, 'ready')])
    await valkey.restart()
    await back
    assert.equal(await httpStatus(), 200)
    await until(() => gate.changes.isLive, 'a heartbeat')
    await revoke()
    assert.equal(await httpStatus(), 401)
  })
})
