import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { until } from '../../support/until.ts'
import { startValkey, type Valkey } from '../../support/store/valkey.ts'
import { NOW, openSession, type Opening } from '../support/sessions.ts'
import { startGate, type Gate, type GateOptions } from '../support/gate.ts'

describe('authz while Redis fails', () => {
  let valkey: Valkey
  let gate: Gate

  async function start(options: GateOptions = {}): Promise<void> {
    valkey = await startValkey()
    gate = await startGate(valkey, options)
  }

  /** A session that the gate knows, and how a request of its client is answered. */
  async function user(opening: Opening): Promise<() => Promise<[number, string | boolean | undefined]>> {
    const token = await gate.issueToken(opening)
    const ask = async (): Promise<[number, string | boolean | undefined]> => {
      const answer = await gate.envoy.present(token)
      return [answer.kind === 'ok_response' ? 200 : (answer.httpStatus ?? 0), answer.metadata.reason]
    }
    assert.equal((await ask())[0], 200)
    return ask
  }

  async function kill(): Promise<void> {
    const lost = Promise.all([storeEvent(gate.subscriber, 'close'), storeEvent(gate.redis, 'close')])
    await valkey.kill()
    await lost
  }

  it('answers as fast as before while Redis hangs, except for probes', async () => {
    await start()
    const ask = await user(openSession())
    const before = performance.now()
    for (let count = 0; count < 300; count += 1) await ask()
    const asBefore = performance.now() - before
    valkey.pause()
    gate.clock.skippedMs += 2000
    const begun = performance.now()
    for (let count = 0; count < 300; count += 1) assert.deepEqual(await ask(), [200, 'valid_session'])
    // A probe waits 300 ms, once per half second.
    const took = performance.now() - begun
    const probes = Math.ceil(took / 500) + 1
    assert.ok(took < 3 * asBefore + probes * 320, `${took} ms, after ${asBefore} ms for as many`)
    valkey.resume()
    await until(() => gate.changes.isLive, 'a heartbeat')
    assert.equal((await ask())[0], 200)
  })

  it('refuses a session that has expired', async () => {
    await start()
    const ask = await user(openSession({ expiresAt: NOW + 100 }))
    await kill()
    assert.equal((await ask())[0], 200)
    gate.clock.nowMs += 100_000
    assert.deepEqual(await ask(), [401, 'session_expired'])
  })

  it('refuses a session whose end it received', async () => {
    await start()
    const opening = openSession()
    const ask = await user(opening)
    const heard = new Promise<void>((resolve) => {
      gate.subscriber.on('message', (_channel, text) => {
        if (text.includes(opening.session.id)) resolve()
      })
    })
    await new SessionStore(gate.redis).end(opening.session.id, randomUUID())
    await heard
    await kill()
    assert.deepEqual(await ask(), [503, 'store_unavailable'])
  })

  it('refuses all sessions with a grace of 0', async () => {
    await start({ graceMs: 0 })
    const ask = await user(openSession())
    await kill()
    assert.deepEqual(await ask(), [503, 'store_unavailable'])
  })

  it('does not extend the grace with further requests', async () => {
    await start()
    const ask = await user(openSession())
    await kill()
    for (let count = 0; count < 15; count += 1) {
      gate.clock.skippedMs += 1900
      assert.equal((await ask())[0], 200)
    }
    gate.clock.skippedMs += 1900
    assert.deepEqual(await ask(), [503, 'store_unavailable'])
  })
})
