import assert from 'node:assert/strict'
import type { Redis } from 'ioredis'
import { pino } from 'pino'
import { SessionEnder } from '../../../consent-ui/sessions/session-ender.ts'
import { EndedSessions } from '../../../consent-ui/store/ended-sessions.ts'
import { connectRedis, connectSubscriber } from '../../../core/store/redis.ts'
import {
  acknowledge,
  enlistAuthz,
  enlistConsentUi,
  readSessionMessage,
  SESSION_CHANGES,
  SESSION_CHANGES_ACKNOWLEDGED,
} from '../../../core/sessions/session-changes.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { CollectedAudit } from '../../core/audit/support/audit.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { caughtUp } from '../../support/store/caught-up.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { beforeAll } from '../../support/before-all.ts'

const CONFIRMED = { isAcknowledged: true, isReplicated: true }
const UNACKNOWLEDGED = { isAcknowledged: false, isReplicated: true }
const LINE = { name: 'SessionRevoked', by: 'user' } as const

describe('Ending a session', () => {
  const lines: string[] = []
  const audit = new CollectedAudit()
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })

  const valkey = beforeAll(() => startValkey())
  const redis = beforeAll(() => connected())
  const ender = beforeAll(() => enderAt(redis))

  before(async () => {
    ender.listen(await connected())
    await until(async () => (await listeners(SESSION_CHANGES_ACKNOWLEDGED)) === 1, 'the ender to listen')
  })

  beforeEach(async () => {
    lines.length = 0
    await redis.del('connect:authz')
  })

  function enderAt(store: Redis): SessionEnder {
    const parts = { origin: 'https://connect.example', registry: 'https://registry.example', now: () => 0 }
    const history = new EndedSessions(store, { ...parts, log })
    return new SessionEnder(store, new SessionStore(store), { log, audit, history })
  }

  async function connected(): Promise<Redis> {
    const connection = connectRedis(valkey.url, log)
    closeAfterAll(() => connection.disconnect())
    await until(() => connection.status === 'ready', 'a connection')
    return connection
  }

  async function listeners(channel: string): Promise<number> {
    const [, count] = (await redis.pubsub('NUMSUB', channel)) as [string, number]
    return count
  }

  /** An authz process on this channel; `answers` decides for each message whether to acknowledge it. */
  async function startAuthz(
    name: string,
    answers: (time: number) => boolean = () => true,
  ): Promise<{ received: string[] }> {
    const received: string[] = []
    const subscriber = await connected()
    await subscriber.subscribe(SESSION_CHANGES)
    subscriber.on('message', (_channel, text) => {
      const message = readSessionMessage(text)
      if (message === undefined || !('session' in message)) return
      received.push(message.session)
      if (answers(received.length)) void acknowledge(redis, { change: message.change, by: name })
    })
    await enlistAuthz(redis, name)
    closeAfterAll(() => subscriber.disconnect())
    return { received }
  }

  it('is confirmed at once if no authz process is alive', async () => {
    assert.deepEqual(await ender.end('session-0', 'user_revoked', LINE), CONFIRMED)
  })

  it('is confirmed when every live authz process has acknowledged it', async () => {
    const [one, other] = [await startAuthz('one'), await startAuthz('other')]
    assert.deepEqual(await ender.end('session-1', 'user_revoked', LINE), CONFIRMED)
    assert.deepEqual([one.received, other.received], [['session-1'], ['session-1']])
  })

  it('returns after a second if a process does not acknowledge it, and logs its name', async () => {
    await startAuthz('loud')
    await startAuthz('silent', () => false)
    const began = performance.now()
    assert.deepEqual(await ender.end('session-2', 'user_revoked', LINE), UNACKNOWLEDGED)
    const took = performance.now() - began
    assert.ok(took > 900 && took < 2000, `${took} ms`)
    assert.match(lines.join(), /"missing":\["silent"\]/)
  })

  it('is published again until it is acknowledged, as a message may be lost', async () => {
    const { received } = await startAuthz('late', (time) => time === 2)
    assert.deepEqual(await ender.end('session-7', 'user_revoked', LINE), CONFIRMED)
    assert.deepEqual(received, ['session-7', 'session-7'])
  })

  it('works the same for a downgrade, which reports a missing session', async () => {
    await redis.hset('connect:{session-8}:session', 'record', '{}')
    const { received } = await startAuthz('late too', (time) => time === 2)
    assert.deepEqual(await ender.downgrade('session-8', LINE), CONFIRMED)
    assert.deepEqual(received, ['session-8', 'session-8'])
    assert.equal(await redis.hget('connect:{session-8}:session', 'narrowed_to'), 'read')
    await redis.del('connect:authz')
    assert.equal(await ender.downgrade('session-9', LINE), 'gone')
    await startAuthz('silent too', () => false)
    assert.deepEqual(await ender.downgrade('session-8', LINE), UNACKNOWLEDGED)
    assert.match(lines.join(), /"missing":\["silent too"\].*session downgraded: not acknowledged/)
  })

  it('waits for consent-ui too when operators block or stop, and not when a session ends', async () => {
    await enlistConsentUi(redis, 'silent page')
    assert.deepEqual(await ender.end('session-10', 'user_revoked', LINE), CONFIRMED)
    const unchanged = () => Promise.resolve('unchanged' as const)
    assert.equal((await ender.announce('client blocked', unchanged)).isAcknowledged, false)
    assert.match(
      lines.join(),
      /"missing":\["silent page"\].*client blocked: not acknowledged by every consent-ui/,
    )
    const acknowledging = async (change: string) => {
      await acknowledge(redis, { change, by: 'silent page' })
      return 'unchanged' as const
    }
    assert.equal((await ender.announce('client blocked', acknowledging)).isAcknowledged, true)
    await redis.del('connect:consent-ui')
  })

  it('makes a change of the controls again until it stays', async () => {
    const outcomes = ['no_replica', 'no_replica', 'unchanged', 'unchanged'] as const
    let made = 0
    const make = () => Promise.resolve(outcomes[made++] ?? 'unchanged')
    assert.deepEqual(await ender.announce('client blocked', make), CONFIRMED)
    assert.equal(made, 4)
    assert.match(lines.join(), /client blocked: undone meanwhile, made again/)
    await assert.rejects(
      ender.announce('client blocked', () => Promise.resolve('no_replica')),
      /undone by others/,
    )
  })

  it('does not wait for a process with an old heartbeat', async () => {
    await redis.zadd('connect:authz', Date.now() - 10_000, 'dead')
    assert.deepEqual(await ender.end('session-3', 'user_revoked', LINE), CONFIRMED)
  })

  it('matches acknowledgements by change, so several at once are not confused', async () => {
    await startAuthz('busy')
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((id) => ender.end(id, 'user_revoked', LINE))), [
      CONFIRMED,
      CONFIRMED,
      CONFIRMED,
    ])
  })

  it('ignores other messages on the channel', async () => {
    await startAuthz('careful')
    for (const text of ['', 'x', '{', 'null', '{"change":7}', '{"change":"x","by":"careful"}']) {
      await redis.publish(SESSION_CHANGES_ACKNOWLEDGED, text)
    }
    assert.deepEqual(await ender.end('session-4', 'user_revoked', LINE), CONFIRMED)
  })

  it('reconnects a stale subscription, and is then confirmed at once', async () => {
    const proxy = await startTcpProxy({ path: valkey.socket })
    const urls = [`redis://127.0.0.1:${proxy.port}`] as const
    const subscriber = connectSubscriber({ mode: 'single', urls }, log)
    closeAfterAll(() => subscriber.disconnect())
    const other = enderAt(redis)
    other.listen(subscriber, 20)
    await until(async () => (await listeners(SESSION_CHANGES_ACKNOWLEDGED)) === 2, 'the other to listen')
    proxy.freeze()
    await until(() => proxy.connections === 2 && subscriber.status === 'ready', 'another connection')
    assert.match(lines.join(), /redis: subscription to acknowledgements lost/)
    await startAuthz('after the loss')
    await until(
      async () => (await listeners(SESSION_CHANGES_ACKNOWLEDGED)) === 2,
      'the other to listen again',
    )
    lines.length = 0
    assert.deepEqual(await other.end('session-10', 'user_revoked', LINE), CONFIRMED)
    assert.deepEqual(lines, [])
    subscriber.disconnect()
    await until(async () => (await listeners(SESSION_CHANGES_ACKNOWLEDGED)) === 1, 'the other to be gone')
  })

  it('reports if no Redis replica has confirmed it', async () => {
    const [port = 0] = await freePorts(1)
    const settings = { bind: '127.0.0.1', port: String(port), 'repl-diskless-sync-delay': '0' }
    const master = connectRedis((await startValkey(settings)).url, log)
    closeAfterAll(() => master.disconnect())
    await until(() => master.status === 'ready', 'the master')
    const replica = await startValkey({ replicaof: `127.0.0.1 ${port}` })
    await caughtUp(master)
    const replicated = enderAt(master)
    assert.deepEqual(await replicated.end('session-11', 'user_revoked', LINE), CONFIRMED)
    replica.pause()
    assert.deepEqual(await replicated.end('session-11', 'user_revoked', LINE), {
      isAcknowledged: true,
      isReplicated: false,
    })
    replica.resume()
    assert.match(lines.join(), /not confirmed by a Redis replica/)
  })

  it('fails while Redis is down, so that no caller assumes success', async () => {
    await valkey.kill()
    await until(() => redis.status !== 'ready', 'the lost connection')
    audit.events.length = 0
    await assert.rejects(ender.end('session-5', 'user_revoked', LINE))
    assert.deepEqual(audit.names(), ['SessionRevoked not_confirmed'])
    await valkey.restart()
    await until(() => redis.status === 'ready', 'the connection')
  })

  it('is acknowledged again when Redis is back', async () => {
    await until(
      async () => (await listeners(SESSION_CHANGES_ACKNOWLEDGED)) === 1,
      'the ender to listen again',
    )
    await startAuthz('back')
    assert.deepEqual(await ender.end('session-6', 'user_revoked', LINE), CONFIRMED)
  })
})
