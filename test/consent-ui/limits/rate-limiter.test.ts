import assert from 'node:assert/strict'
import { pino } from 'pino'
import { readLimitSettings } from '../../../consent-ui/config/limit-settings.ts'
import { RateLimiter, TooManyRequests } from '../../../consent-ui/limits/rate-limiter.ts'
import { onEachStore } from '../../support/each-store.ts'
import { operatorKey, ringOf } from '../support/keys.ts'

const RING = ringOf(operatorKey('a'))

onEachStore('A rate limiter', (current) => {
  const lines: string[] = []

  function limiter(ring = RING, settings = {}): RateLimiter {
    const limits = readLimitSettings({ RATE_LIMIT_REGISTER: '3/60', ...settings })
    const log = pino({}, { write: (line) => void lines.push(line) })
    return new RateLimiter({ store: current().store, ring, log }, limits)
  }

  async function taken(limits: RateLimiter, subject: string): Promise<boolean> {
    try {
      await limits.take('register', { network: subject, shares: 1 })
      return true
    } catch (error) {
      assert.ok(error instanceof TooManyRequests)
      assert.ok(error.retryAfterSeconds >= 1 && error.retryAfterSeconds <= 60)
      return false
    }
  }

  it('lets exactly as many through as its limit says, of a hundred at once at two processes', async () => {
    const processes = [limiter(), limiter()]
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, turn) => taken(processes[turn % 2] ?? limiter(), 'somebody')),
    )
    assert.equal(results.filter((passed) => passed).length, 3)
  })

  it('says so in the log, once for each who comes too often, and not who it is', async () => {
    lines.length = 0
    const limits = limiter()
    for (const who of ['one', 'other']) for (let turn = 0; turn < 10; turn += 1) await taken(limits, who)
    assert.equal(lines.length, 2)
    for (const line of lines) assert.match(line, /"limit":"register"/)
    for (const line of lines) assert.doesNotMatch(line, /one|other/)
  })

  it('counts everybody by themselves, wherever their count is kept', async () => {
    const limits = limiter()
    for (let who = 0; who < 50; who += 1) assert.equal(await taken(limits, `caller ${who}`), true)
  })

  it('gives back what did not count', async () => {
    const limits = limiter()
    for (let turn = 0; turn < 10; turn += 1) {
      assert.equal(await taken(limits, 'somebody'), true)
      await limits.giveBack('register', { network: 'somebody', shares: 1 })
    }
  })

  it('counts nothing where there is no limit', async () => {
    const limits = limiter(RING, { RATE_LIMIT_REGISTER: 'off' })
    for (let turn = 0; turn < 10; turn += 1) assert.equal(await taken(limits, 'somebody'), true)
    assert.deepEqual(await current().keys(), [])
  })

  it('keeps counts of another host or under another key apart', async () => {
    await Promise.all(Array.from({ length: 3 }, () => taken(limiter(), 'somebody')))
    assert.equal(await taken(limiter(), 'somebody'), false)
    assert.equal(await taken(limiter({ ...RING, origin: 'https://connect.example.org' }), 'somebody'), true)
    assert.equal(await taken(limiter(ringOf(operatorKey('a'))), 'somebody'), true)
  })

  it('leaves a count with a lifetime at each key', async () => {
    const { store } = current()
    await taken(limiter(), 'somebody')
    const left = await Promise.all((await current().keys()).map((key) => store.ttl(key)))
    assert.equal(left.length, 1)
    assert.ok(left.every((seconds) => seconds > 0 && seconds <= 60))
  })
})
