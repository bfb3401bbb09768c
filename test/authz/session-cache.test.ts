import assert from 'node:assert/strict'
import { SessionCache, StoreUnavailableError, type SessionSource } from '../../authz/session-cache.ts'
import type { Session } from '../../core/session.ts'
import { openSession } from './support/evidence.ts'

/** A store whose reads are answered when the test says so. */
class HeldUpStore implements SessionSource {
  readonly reads: PromiseWithResolvers<Session | undefined>[] = []

  find(): Promise<Session | undefined> {
    const read = Promise.withResolvers<Session | undefined>()
    this.reads.push(read)
    return read.promise
  }

  partOf(id: string): string {
    return id === 'elsewhere' ? 'another part' : 'a part'
  }
}

const GRACE_MS = 30_000

const { session } = openSession()
const waiting = { ended: false }
const gone = { ended: true }

describe('SessionCache', () => {
  const channel = { hearing: true, silentMs: 0 }
  const clock = { nowMs: 0 }
  let store: HeldUpStore
  let cache: SessionCache

  beforeEach(() => {
    Object.assign(channel, { hearing: true, silentMs: 0 })
    store = new HeldUpStore()
    cache = cacheWith(GRACE_MS)
  })

  function cacheWith(graceMs: number): SessionCache {
    return new SessionCache({ store, changes: channel, graceMs, elapsedMs: () => clock.nowMs, capacity: 2 })
  }

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
    channel.hearing = false
    for (const index of [0, 1]) {
      const asked = [cache.find(session.id, waiting), cache.find(session.id, waiting)]
      assert.equal(store.reads.length, 2 * index + 2)
      answer(2 * index)
      answer(2 * index + 1)
      await Promise.all(asked)
    }
  })

  it('reads again when the channel broke during a read', async () => {
    const asked = cache.find(session.id, waiting)
    channel.hearing = false
    answer(0)
    await new Promise(setImmediate)
    answerNone(1)
    assert.equal(await asked, undefined)
  })

  it('does not serve from memory while it would not hear of a change', async () => {
    const asked = cache.find(session.id, waiting)
    answer(0)
    await asked
    channel.hearing = false
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

  describe('while the store cannot be read', () => {
    /** Known, and then the store and the channel are gone. */
    async function known(): Promise<void> {
      const asked = cache.find(session.id, waiting)
      answer(0)
      await asked
      Object.assign(channel, { hearing: false, silentMs: 3000 })
    }

    /** Asks for it; the read that this takes fails. */
    async function ask(id = session.id): Promise<string | undefined> {
      const reads = store.reads.length
      const asked = cache.find(id, waiting)
      store.reads[reads]?.reject(new Error('Connection is closed.'))
      return (await asked)?.session.id
    }

    it('lets known sessions pass for the grace, counted from the last beat', async () => {
      await known()
      assert.equal(await ask(), session.id)
      channel.silentMs = GRACE_MS - 1
      assert.equal(await ask(), session.id)
      channel.silentMs = GRACE_MS
      await assert.rejects(ask(), StoreUnavailableError)
    })

    it('lets no others pass', async () => {
      await known()
      await assert.rejects(ask('unknown'), StoreUnavailableError)
    })

    it('lets nobody pass where there is no grace', async () => {
      cache = cacheWith(0)
      await known()
      channel.silentMs = 0
      await assert.rejects(ask(), StoreUnavailableError)
    })

    it('lets nobody pass who was heard to have ended', async () => {
      await known()
      cache.forget(session.id)
      await assert.rejects(ask(), StoreUnavailableError)
    })

    it('lets nobody pass whom a read saw gone', async () => {
      await known()
      const asked = cache.find(session.id, waiting)
      answerNone(1)
      assert.equal(await asked, undefined)
      await assert.rejects(ask(), StoreUnavailableError)
    })

    it('lets nobody pass after the channel was made anew', async () => {
      await known()
      cache.forgetAll()
      await assert.rejects(ask(), StoreUnavailableError)
    })

    it('waits for a store that hangs once, and asks it again only now and then', async () => {
      await known()
      const begun = performance.now()
      assert.equal((await cache.find(session.id, waiting))?.session.id, session.id)
      assert.ok(performance.now() - begun > 250)
      const reads = store.reads.length
      for (let count = 0; count < 100; count += 1) {
        assert.equal((await cache.find(session.id, waiting))?.session.id, session.id)
      }
      assert.equal(store.reads.length, reads, 'nobody else waits')
      clock.nowMs += 500
      const probe = cache.find(session.id, waiting)
      assert.equal(store.reads.length, reads + 1)
      answer(reads)
      await probe
      const after = cache.find(session.id, waiting)
      assert.equal(store.reads.length, reads + 2, 'it answers, and is read at each request')
      answer(reads + 1)
      await after
    })

    it('goes on to read a part of the store that does not hang', async () => {
      await assert.rejects(cache.find(session.id, waiting), StoreUnavailableError)
      await assert.rejects(cache.find(session.id, waiting), /the store hangs/)
      const asked = cache.find('elsewhere', waiting)
      answer(1)
      assert.ok((await asked) !== undefined)
    })
  })
})
