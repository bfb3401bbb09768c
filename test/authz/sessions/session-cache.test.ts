import assert from 'node:assert/strict'
import { SessionCache, StoreUnavailableError } from '../../../authz/sessions/session-cache.ts'
import { openSession } from '../support/sessions.ts'
import { HeldUpStore } from '../support/delayed-store.ts'

const { session } = openSession()
const waiting = { isGone: false }
const gone = { isGone: true }

describe('SessionCache', () => {
  const channel = { isLive: true, lagMs: 0 }
  const clock = { nowMs: 0 }
  let store: HeldUpStore
  let cache: SessionCache

  beforeEach(() => {
    Object.assign(channel, { isLive: true, lagMs: 0 })
    store = new HeldUpStore()
    cache = new SessionCache({
      store,
      changes: channel,
      graceMs: 0,
      elapsedMs: () => clock.nowMs,
      limits: { sessions: 2, bytes: 1_000_000 },
    })
  })

  const answer = (index: number, found = session): void => store.reads[index]?.resolve(found)
  const answerNone = (index: number): void => store.reads[index]?.resolve(undefined)

  it('shares one read between concurrent requests, and caches it', async () => {
    const asked = [1, 2, 3].map(() => cache.find(session.id, waiting))
    assert.equal(store.reads.length, 1)
    answer(0)
    const held = await Promise.all(asked)
    assert.equal(new Set(held).size, 1)
    assert.equal(await cache.find(session.id, waiting), held[0])
    assert.equal(store.reads.length, 1)
  })

  it('does not cache a missing session', async () => {
    const asked = cache.find(session.id, waiting)
    answerNone(0)
    assert.equal(await asked, undefined)
    void cache.find(session.id, waiting).catch(() => undefined)
    assert.equal(store.reads.length, 2)
  })

  for (const [what, forget] of [
    ['the session changes', () => cache.forget(session.id)],
    ['changes may have gone unheard', () => cache.forgetAll()],
  ] as const) {
    it(`discards a read during which ${what}`, async () => {
      const asked = [cache.find(session.id, waiting), cache.find(session.id, waiting)]
      forget()
      const later = cache.find(session.id, waiting)
      assert.equal(store.reads.length, 2)
      answer(0)
      await new Promise(setImmediate)
      answerNone(1)
      assert.deepEqual(await Promise.all([...asked, later]), [undefined, undefined, undefined])
      assert.equal(store.reads.length, 2, 'those whose read was discarded share the new one')
    })

    it(`forgets a session when ${what}`, async () => {
      const asked = cache.find(session.id, waiting)
      answer(0)
      assert.ok((await asked) !== undefined)
      forget()
      const again = cache.find(session.id, waiting)
      answerNone(1)
      assert.equal(await again, undefined)
    })
  }

  it('keeps other sessions when one changes', async () => {
    const asked = cache.find(session.id, waiting)
    answer(0)
    await asked
    cache.forget('another')
    await cache.find(session.id, waiting)
    assert.equal(store.reads.length, 1)
  })

  it('gives up a session that changes during every read', async () => {
    const asked = cache.find(session.id, waiting)
    const failed = assert.rejects(asked, StoreUnavailableError)
    for (const index of [0, 1, 2]) {
      cache.forget(session.id)
      answer(index)
      await new Promise(setImmediate)
    }
    await failed
  })

  it('caches nothing when all callers are gone', async () => {
    const asked = [cache.find(session.id, gone), cache.find(session.id, gone)]
    answer(0)
    await Promise.all(asked)
    void cache.find(session.id, gone).catch(() => undefined)
    assert.equal(store.reads.length, 2)
  })

  it('caches a read while one caller still waits', async () => {
    const asked = [cache.find(session.id, gone), cache.find(session.id, waiting)]
    answer(0)
    await Promise.all(asked)
    await cache.find(session.id, waiting)
    assert.equal(store.reads.length, 1)
  })

  it('reads Redis for each request separately while the subscription is stale', async () => {
    channel.isLive = false
    for (const index of [0, 1]) {
      const asked = [cache.find(session.id, waiting), cache.find(session.id, waiting)]
      assert.equal(store.reads.length, 2 * index + 2)
      answer(2 * index)
      answer(2 * index + 1)
      await Promise.all(asked)
    }
  })

  it('does not share a read that began before the subscription was stale', async () => {
    const shared = cache.find(session.id, waiting)
    channel.isLive = false
    const own = cache.find(session.id, waiting)
    assert.equal(store.reads.length, 2)
    channel.isLive = true
    answer(0)
    answer(1)
    await Promise.all([shared, own])
  })

  it('reads again when the subscription was lost during a read', async () => {
    const asked = cache.find(session.id, waiting)
    channel.isLive = false
    answer(0)
    await new Promise(setImmediate)
    answerNone(1)
    assert.equal(await asked, undefined)
  })

  it('does not serve from memory while the subscription is stale', async () => {
    const asked = cache.find(session.id, waiting)
    answer(0)
    await asked
    channel.isLive = false
    const again = cache.find(session.id, waiting)
    answerNone(1)
    assert.equal(await again, undefined)
  })

  it('throws StoreUnavailableError when Redis fails, and reads again afterwards', async () => {
    const asked = cache.find(session.id, waiting)
    store.reads[0]?.reject(new SyntaxError('quotes the record'))
    await assert.rejects(
      asked,
      (error) => error instanceof StoreUnavailableError && !error.message.includes('quotes'),
    )
    const again = cache.find(session.id, waiting)
    answer(1)
    assert.ok((await again) !== undefined)
  })

  it('waits for a hanging Redis less than Envoy waits', async () => {
    const begun = performance.now()
    await assert.rejects(cache.find(session.id, waiting), StoreUnavailableError)
    assert.ok(performance.now() - begun < 450)
    answer(0)
    await new Promise(setImmediate)
    clock.nowMs += 500
    void cache.find(session.id, waiting).catch(() => undefined)
    assert.equal(store.reads.length, 2, 'the late answer was dropped')
  })

  it('evicts the session unused for the longest time', async () => {
    const sessions = ['a', 'b', 'c'].map((id) => ({ ...session, id }))
    for (const [index, one] of sessions.entries()) {
      const asked = cache.find(one.id, waiting)
      answer(index, one)
      await asked
    }
    await cache.find('b', waiting)
    await cache.find('c', waiting)
    assert.equal(store.reads.length, 3)
    void cache.find('a', waiting).catch(() => undefined)
    assert.equal(store.reads.length, 4)
  })
})
