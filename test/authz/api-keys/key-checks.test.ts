import assert from 'node:assert/strict'
import { pino } from 'pino'
import { KeyChecks } from '../../../authz/api-keys/key-checks.ts'
import type { KeyOwner } from '../../../authz/api-keys/key-owner.ts'

type Asked = PromiseWithResolvers<KeyOwner> & { readonly key: string }

const KEY = `qk_${'a1b2c3d4e5'.repeat(5)}`
const ADA: KeyOwner = { kind: 'accepted', name: 'ada' }
const REFUSED: KeyOwner = { kind: 'refused' }

describe('KeyChecks', () => {
  let nowMs: number
  let asked: Asked[]
  let lines: string[]
  let checks: KeyChecks
  /** What the Registry says at once; undefined while the test answers each question itself. */
  let says: ((key: string) => Promise<KeyOwner>) | undefined

  beforeEach(() => {
    nowMs = 5000
    asked = []
    lines = []
    says = () => Promise.resolve(ADA)
    checks = new KeyChecks({
      findOwner: (key) => {
        const question = { ...Promise.withResolvers<KeyOwner>(), key }
        asked.push(question)
        return says?.(key) ?? question.promise
      },
      networksOf: (address = 'unknown') => [{ network: address, shares: 1 }],
      log: pino({}, { write: (line) => void lines.push(line) }),
      elapsedMs: () => nowMs,
    })
  })

  async function standing(key = KEY, caller = '203.0.113.1'): Promise<string> {
    const found = await checks.check(key, { clientAddress: caller, begunMs: nowMs })
    return found.kind === 'accepted' ? found.name : found.kind
  }

  const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))

  it('asks once about a valid key, and not again for 45 seconds', async () => {
    for (const ms of [0, 1000, 43_999]) {
      nowMs += ms
      assert.equal(await standing(), 'ada')
    }
    assert.equal(asked.length, 1)
  })

  it('asks again in the background after 45 seconds, and waits for the answer after 60', async () => {
    await standing()
    says = undefined
    nowMs += 45_000
    assert.equal(await standing(), 'ada')
    assert.equal(asked.length, 2)
    nowMs += 14_999
    assert.equal(await standing(), 'ada')
    nowMs += 1
    const waits = standing()
    asked[1]?.resolve(ADA)
    assert.equal(await waits, 'ada')
    assert.equal(asked.length, 2)
  })

  it('counts the age of an answer from its request', async () => {
    says = undefined
    const waits = standing()
    nowMs += 400
    asked[0]?.resolve(ADA)
    assert.equal(await waits, 'ada')
    nowMs += 59_600
    const begun = standing()
    assert.equal(asked.length, 2)
    asked[1]?.resolve(REFUSED)
    assert.equal(await begun, 'refused')
  })

  it('refuses a revoked key as soon as the Registry refuses it', async () => {
    await standing()
    says = () => Promise.resolve(REFUSED)
    nowMs += 45_000
    assert.equal(await standing(), 'ada')
    await settled()
    assert.equal(await standing(), 'refused')
  })

  it('asks once about a refused key, and again after 10 seconds', async () => {
    says = () => Promise.resolve(REFUSED)
    for (const ms of [0, 5000, 4999]) {
      nowMs += ms
      assert.equal(await standing(), 'refused')
    }
    assert.equal(asked.length, 1)
    nowMs += 1
    says = () => Promise.resolve(ADA)
    assert.equal(await standing(), 'ada')
    assert.equal(asked.length, 2)
  })

  it('reports no answer while the Registry is down, and asks again after a second', async () => {
    says = () => Promise.reject(new Error('connect ECONNREFUSED'))
    assert.equal(await standing(), 'unanswered')
    nowMs += 999
    assert.equal(await standing(), 'unanswered')
    assert.equal(asked.length, 1)
    nowMs += 1
    says = () => Promise.resolve(ADA)
    assert.equal(await standing(), 'ada')
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ['registry: unavailable, API keys are not checked', 'registry: available again'],
    )
  })

  it('accepts a known key for 60 seconds while the Registry is down, and no longer', async () => {
    await standing()
    says = () => Promise.reject(new Error('connect ECONNREFUSED'))
    nowMs += 59_999
    assert.equal(await standing(), 'ada')
    await settled()
    assert.equal(await standing(), 'ada')
    nowMs += 1
    assert.equal(await standing(), 'unanswered')
  })

  it('shares one lookup between all requests with the same key', async () => {
    says = undefined
    const waits = Array.from({ length: 100 }, (_, index) => standing(KEY, `caller ${index}`))
    assert.equal(asked.length, 1)
    asked[0]?.resolve(ADA)
    assert.deepEqual(new Set(await Promise.all(waits)), new Set(['ada']))
  })

  it('waits less than Envoy does, and caches an answer that comes too late', async () => {
    says = undefined
    const begun = performance.now()
    assert.equal(await standing(), 'unanswered')
    const tookMs = performance.now() - begun
    assert.ok(tookMs >= 440 && tookMs < 1000, `${tookMs} ms`)
    asked[0]?.resolve(ADA)
    await settled()
    assert.equal(await standing(), 'ada')
    assert.equal(asked.length, 1)
  })

  it('does not wait when the time of a request is over', async () => {
    says = undefined
    const found = await checks.check(KEY, { clientAddress: undefined, begunMs: nowMs - 500 })
    assert.deepEqual(found, { kind: 'unanswered' })
  })

  it('asks about 50 bad keys from one network, then only about those from others', async () => {
    says = () => Promise.resolve(REFUSED)
    for (let turn = 0; turn < 50; turn += 1) assert.equal(await standing(`${KEY}${turn}`), 'refused')
    assert.equal(await standing(`${KEY}x`), 'not_asked')
    assert.equal(asked.length, 50)
    assert.equal(await standing(`${KEY}x`, '203.0.113.2'), 'refused')
  })

  it('counts all requests without an address together', async () => {
    says = () => Promise.resolve(REFUSED)
    const unknown = async (key: string): Promise<string> =>
      (await checks.check(key, { clientAddress: undefined, begunMs: nowMs })).kind
    for (let turn = 0; turn < 50; turn += 1) await unknown(`${KEY}${turn}`)
    assert.equal(await unknown(`${KEY}x`), 'not_asked')
  })

  it('does not count valid keys, and still checks known keys from a network that guesses', async () => {
    for (let turn = 0; turn < 200; turn += 1) assert.equal(await standing(`${KEY}${turn}`), 'ada')
    says = () => Promise.resolve(REFUSED)
    for (let turn = 0; turn < 60; turn += 1) await standing(`${KEY}bad${turn}`)
    assert.equal(await standing(`${KEY}bad`), 'not_asked')
    says = () => Promise.resolve(ADA)
    nowMs += 60_000
    for (let turn = 0; turn < 60; turn += 1) await standing(`${KEY}bad${turn}`)
    assert.equal(await standing(`${KEY}7`), 'ada')
  })

  it('runs at most 16 lookups of unknown keys at once, with room for known keys', async () => {
    await standing()
    nowMs += 60_000
    says = undefined
    const waits = Array.from({ length: 40 }, (_, index) => standing(`${KEY}${index}`, `caller ${index}`))
    assert.equal(asked.length, 1 + 16)
    const known = standing()
    assert.equal(asked.length, 1 + 16 + 1)
    for (const question of asked) question.resolve(ADA)
    assert.equal(await known, 'ada')
    const outcomes = await Promise.all(waits)
    assert.deepEqual([outcomes.indexOf('not_asked'), outcomes.lastIndexOf('ada')], [16, 15])
    assert.equal(await standing(`${KEY}39`, 'caller 39').then(() => asked.length), 19)
  })

  it('does not evict valid keys for bad ones', async () => {
    await standing()
    says = () => Promise.resolve(REFUSED)
    for (let turn = 0; turn < 25_000; turn += 1) await standing(`${KEY}${turn}`, `caller ${turn}`)
    const before = asked.length
    assert.equal(await standing(), 'ada')
    assert.equal(asked.length, before)
    // The first bad ones are forgotten: they are asked about anew.
    await standing(`${KEY}0`, 'another caller')
    assert.equal(asked.length, before + 1)
  })
})
