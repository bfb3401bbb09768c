import assert from 'node:assert/strict'
import { connectRedis } from '../../../core/store/redis.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import type { StoreSettings } from '../../../core/store/store-settings.ts'
import { pino } from 'pino'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { openSession, type Opening } from '../support/sessions.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { beforeAll } from '../../support/before-all.ts'

/** A connection whose other end is gone without a word, as after a firewall forgot it: it stays open for ever. */
describe('authz with a half-open connection', () => {
  let proxy: TcpProxy
  let through: StoreSettings
  /** The store itself, past the proxy. */
  let opening: Opening

  const valkey = beforeAll(() => startValkey())
  const redis = beforeAll(() => connectRedis(valkey.url, pino({ level: 'silent' })))

  before(async () => {
    closeAfterAll(() => redis.disconnect())
    await storeEvent(redis, 'ready')
  })

  beforeEach(async () => {
    proxy = await startTcpProxy({ path: valkey.socket })
    through = { mode: 'single', urls: [`redis://127.0.0.1:${proxy.port}`] }
    opening = openSession()
  })

  /** What is asked with a token of the session; it was there before. */
  async function user(gate: Gate): Promise<() => Promise<number>> {
    await gate.save(opening)
    const token = await gate.signer.sign(opening)
    const ask = async (): Promise<number> => {
      const answer = await gate.envoy.present(token)
      return answer.kind === 'ok_response' ? 200 : (answer.httpStatus ?? 0)
    }
    assert.equal(await ask(), 200)
    return ask
  }

  it('of the subscription: reads Redis within two seconds, then subscribes on a new connection', async () => {
    const gate = await startGate(valkey, { subscribesAt: through, heartbeatIntervalMs: 50 })
    const ask = await user(gate)
    proxy.freeze()
    gate.clock.skippedMs += 2000
    await new SessionStore(redis).end(opening.session.id, 'change-1')
    assert.equal(await ask(), 401)
    await until(() => gate.changes.isLive, 'another connection')
    assert.equal(proxy.connections, 2)
    assert.equal(await ask(), 401)
  })

  it('for reads: serves cached sessions, then reads on a new connection', async () => {
    const gate = await startGate(through, { heartbeatIntervalMs: 50 })
    const ask = await user(gate)
    proxy.freeze()
    gate.clock.skippedMs += 2000
    assert.equal(await ask(), 200)
    const unknown = openSession()
    assert.equal((await gate.envoy.present(await gate.signer.sign(unknown))).httpStatus, 503)
    await until(() => gate.changes.isLive, 'other connections')
    await new SessionStore(redis).end(opening.session.id, 'change-2')
    await until(async () => (await ask()) === 401, 'the change to be heard')
  })
})
