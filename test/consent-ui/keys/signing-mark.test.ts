import assert from 'node:assert/strict'
import { pino } from 'pino'
import { keepSigningMark } from '../../../consent-ui/keys/signing-mark.ts'
import { createLog } from '../../../core/log/log.ts'
import { connectRedis } from '../../../core/store/redis.ts'
import { signedFor } from '../../../core/keys/signing-mark.ts'
import { connectTo } from '../../core/support/store.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { ManualTimers } from '../support/manual-timers.ts'
import { passTime } from '../support/store.ts'

const SILENT = createLog('test', 'silent')

const ORIGIN = 'https://connect.example'
const HOUR_SECONDS = 3600

describe('The mark of a signing key', () => {
  it('lasts longer than every token that the key signed, and then ends', async () => {
    const store = await connectTo((await startValkey()).url)
    const timers = new ManualTimers()
    keepSigningMark({ store, timers, log: SILENT }, ORIGIN, 'a')
    const isMarked = async (): Promise<boolean> => (await signedFor(store, ORIGIN, 'a')) > HOUR_SECONDS + 60
    await until(isMarked, 'the first mark')
    await passTime(store, HOUR_SECONDS)
    assert.ok((await signedFor(store, ORIGIN, 'a')) > 0)
    timers.pass(60)
    await until(isMarked, 'the next mark')
    await passTime(store, HOUR_SECONDS + 120)
    assert.equal(await signedFor(store, ORIGIN, 'a'), 0)
  })

  it('is specific to one host and one key', async () => {
    const store = await connectTo((await startValkey()).url)
    keepSigningMark({ store, timers: new ManualTimers(), log: SILENT }, ORIGIN, 'a')
    await until(async () => (await signedFor(store, ORIGIN, 'a')) > 0, 'the mark')
    assert.equal(await signedFor(store, ORIGIN, 'b'), 0)
    assert.equal(await signedFor(store, 'https://connect.example.org', 'a'), 0)
  })

  it('is written again when Redis is back', async () => {
    const valkey = await startValkey()
    const store = await connectTo(valkey.url)
    const lines: string[] = []
    const log = pino({}, { write: (line) => void lines.push(line) })
    const timers = new ManualTimers()
    keepSigningMark({ store, timers, log }, ORIGIN, 'a')
    await until(async () => (await signedFor(store, ORIGIN, 'a')) > 0, 'the first mark')
    await store.flushall()
    await valkey.kill()
    await until(() => store.status !== 'ready', 'the lost connection')
    timers.pass(60)
    await until(() => lines.join().includes('signing mark not written'), 'the warning')
    await valkey.restart()
    await until(() => store.status === 'ready', 'the connection')
    timers.pass(5)
    await until(async () => (await signedFor(store, ORIGIN, 'a')) > 0, 'the mark')
  })

  it('is written when Redis becomes available after the start', async () => {
    const valkey = await startValkey()
    await valkey.kill()
    const store = connectRedis(valkey.url, SILENT)
    closeAfterAll(() => store.disconnect())
    keepSigningMark({ store, timers: new ManualTimers(), log: SILENT }, ORIGIN, 'a')
    await valkey.restart()
    await until(() => store.status === 'ready', 'the connection')
    await until(async () => (await signedFor(store, ORIGIN, 'a')) > 0, 'the mark')
  })
})
