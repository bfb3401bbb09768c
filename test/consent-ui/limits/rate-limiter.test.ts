import assert from 'node:assert/strict'
import { pino } from 'pino'
import { readLimitSettings } from '../../../consent-ui/config/limit-settings.ts'
import { RateLimiter, TooManyRequests } from '../../../consent-ui/limits/rate-limiter.ts'
import { onEachStore } from '../../support/store/each-store.ts'
import { operatorKey, ringOf } from '../support/keys.ts'

const RING = ringOf(operatorKey('a'))

onEachStore('A rate limiter', (current) => {
  const lines: string[] = []
  const hits: string[] = []
  const metrics = { limitHit: (limit: string) => void hits.push(limit) }

  function limiter(ring = RING, settings = {}): RateLimiter {
    const limits = readLimitSettings({ RATE_LIMIT_REGISTER: '3/60', ...settings })
    const log = pino({}, { write: (line) => void lines.push(line) })
    return new RateLimiter({ store: current().store, ring, metrics, log }, limits)
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

  it('accepts exactly its limit of a hundred requests at once in two processes', async () => {
    const processes = [limiter(), limiter()]
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, turn) => taken(processes[turn % 2] ?? limiter(), 'caller')),
    )
    assert.equal(results.filter((passed) => passed).length, 3)
  })

  it('counts each request beyond the limit for the metrics', async () => {
    hits.length = 0
    const limits = limiter()
    for (let turn = 0; turn < 5; turn += 1) await taken(limits, 'counted')
    assert.deepEqual(hits, ['register', 'register'])
  })

  it('logs each refused caller once, without naming the caller', async () => {
    lines.length = 0
    const limits = limiter()
    for (const who of ['one', 'other']) for (let turn = 0; turn < 10; turn += 1) await taken(limits, who)
    assert.equal(lines.length, 2)
    for (const line of lines) assert.match(line, /"limit":"register"/)
    for (const line of lines) assert.doesNotMatch(line, /one|other/)
  })

  it('counts each caller separately', async () => {
    const limits = limiter()
    for (let who = 0; who < 50; who += 1) assert.equal(await taken(limits, `caller ${who}`), true)
  })

  it('refunds requests that are given back', async () => {
    const limits = limiter()
    for (let turn = 0; turn < 10; turn += 1) {
      assert.equal(await taken(limits, 'caller'), true)
      await limits.giveBack('register', { network: 'caller', shares: 1 })
    }
  })

  it('counts nothing if the limit is off', async () => {
    const limits = limiter(RING, { RATE_LIMIT_REGISTER: 'off' })
    for (let turn = 0; turn < 10; turn += 1) assert.equal(await taken(limits, 'caller'), true)
    assert.deepEqual(await current().keys(), [])
  })

  it('has separate counts for another host and another key', async () => {
    await Promise.all(Array.from({ length: 3 }, () => taken(limiter(), 'caller')))
    assert.equal(await taken(limiter(), 'caller'), false)
    assert.equal(await taken(limiter({ ...RING, origin: 'https://connect.example.org' }), 'caller'), true)
    assert.equal(await taken(limiter(ringOf(operatorKey('a'))), 'caller'), true)
  })

  it('stores every count with a lifetime', async () => {
    const { store } = current()
    await taken(limiter(), 'caller')
    const left = await Promise.all((await current().keys()).map((key) => store.ttl(key)))
    assert.equal(left.length, 1)
    assert.ok(left.every((seconds) => seconds > 0 && seconds <= 60))
  })
})
