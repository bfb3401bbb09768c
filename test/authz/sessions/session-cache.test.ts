import assert from 'node:assert/strict'
import { SessionCache, StoreUnavailableError } from '../../../authz/sessions/session-cache.ts'
import { openSession } from '../support/sessions.ts'
import { HeldUpStore } from '../support/delayed-store.ts'

const { session } = openSession()
const waiting = new AbortController().signal
const gone = AbortSignal.abort()

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

  it('reads a session once for all who ask meanwhile, and keeps it', async () => {
    const asked = [1, 2, 3].map(() => cache.find(session.id, waiting))
    assert.equal(store.reads.length, 1)
    answer(0)
    const held = await Promise.all(asked)
    assert.equal(new Set(held).size, 1)
    assert.equal(await cache.find(session.id, waiting), held[0])
    assert.equal(store.reads.length, 1)
  })

  it('keeps no session that is not there', async () => {
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

  it('leaves other sessions alone when one changes', async () => {
    const asked = cache.find(session.id, waiting)
    answer(0)
    await asked
    cache.forget('another')
    await cache.find(session.id, waiting)
    assert.equal(store.reads.length, 1)
  })

  it('gives up on a session that changes during every read', async () => {
    const asked = cache.find(session.id, waiting)
    const failed = assert.rejects(asked, StoreUnavailableError)
    for (const index of [0, 1, 2]) {
      cache.forget(session.id)
      answer(index)
      await new Promise(setImmediate)
    }
    await failed
  })

  it('keeps nothing for callers that have gone', async () => {
    const asked = [cache.find(session.id, gone), cache.find(session.id, gone)]
    answer(0)
    await Promise.all(asked)
    void cache.find(session.id, gone).catch(() => undefined)
    assert.equal(store.reads.length, 2)
  })

  it('keeps it when one of them still waits', async () => {
    const asked = [cache.find(session.id, gone), cache.find(session.id, waiting)]
    answer(0)
    await Promise.all(asked)
    await cache.find(session.id, waiting)
    assert.equal(store.reads.length, 1)
  })

  it('reads the store at each request, each for itself, while it would not hear of a change', async () => {
    channel.isLive = false
    for (const index of [0, 1]) {
      const asked = [cache.find(session.id, waiting), cache.find(session.id, waiting)]
      assert.equal(store.reads.length, 2 * index + 2)
      answer(2 * index)
      answer(2 * index + 1)
      await Promise.all(asked)
    }
  })

  it('lets nobody who comes when it would not hear of a change wait for a read that began before', async () => {
    const shared = cache.find(session.id, waiting)
    channel.isLive = false
    const own = cache.find(session.id, waiting)
    assert.equal(store.reads.length, 2)
    channel.isLive = true
    answer(0)
    answer(1)
    await Promise.all([shared, own])
  })

  it('reads again when the channel broke during a read', async () => {
    const asked = cache.find(session.id, waiting)
    channel.isLive = false
    answer(0)
    await new Promise(setImmediate)
    answerNone(1)
    assert.equal(await asked, undefined)
  })

  it('does not serve from memory while it would not hear of a change', async () => {
    const asked = cache.find(session.id, waiting)
    answer(0)
    await asked
    channel.isLive = false
    const again = cache.find(session.id, waiting)
    answerNone(1)
    assert.equal(await again, undefined)
  })

  it('throws what the store throws as its own, and reads anew after that', async () => {
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

  it('does not wait for a store that hangs longer than Envoy would', async () => {
    const begun = performance.now()
    await assert.rejects(cache.find(session.id, waiting), StoreUnavailableError)
    assert.ok(performance.now() - begun < 450)
    answer(0)
    await new Promise(setImmediate)
    clock.nowMs += 500
    void cache.find(session.id, waiting).catch(() => undefined)
    assert.equal(store.reads.length, 2, 'the late answer was dropped')
  })

  it('holds so many and forgets the one that was not asked for longest', async () => {
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
