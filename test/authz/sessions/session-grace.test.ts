import assert from 'node:assert/strict'
import { SessionCache, StoreUnavailableError } from '../../../authz/sessions/session-cache.ts'
import { UnreadableRecordError } from '../../../core/store/record.ts'
import { openSession } from '../support/sessions.ts'
import { HeldUpStore } from '../support/delayed-store.ts'

const GRACE_MS = 30_000

const { session } = openSession()
const waiting = { isGone: false }
const gone = { isGone: true }
const limits = { sessions: 100, bytes: 1_000_000 }

describe('SessionCache while Redis fails', () => {
  const channel = { isLive: true, lagMs: 0 }
  const clock = { nowMs: 0 }
  let store: HeldUpStore
  let cache: SessionCache

  beforeEach(() => {
    Object.assign(channel, { isLive: true, lagMs: 0 })
    store = new HeldUpStore()
    cache = cacheWith(GRACE_MS)
  })

  function cacheWith(graceMs: number): SessionCache {
    return new SessionCache({ store, changes: channel, limits, graceMs, elapsedMs: () => clock.nowMs })
  }

  const answer = (index: number, found = session): void => store.reads[index]?.resolve(found)
  const answerNone = (index: number): void => store.reads[index]?.resolve(undefined)
  const fail = (index: number): void => store.reads[index]?.reject(new Error('Connection is closed.'))

  /** Known, and then the store and the channel are gone. */
  async function known(): Promise<void> {
    const asked = cache.find(session.id, waiting)
    answer(0)
    await asked
    Object.assign(channel, { isLive: false, lagMs: 3000 })
  }

  /** Asks for it; the read that this takes fails. */
  async function ask(id = session.id): Promise<string | undefined> {
    const reads = store.reads.length
    const asked = cache.find(id, waiting)
    store.reads[reads]?.reject(new Error('Connection is closed.'))
    return (await asked)?.session.id
  }

  it('serves cached sessions for the grace since the last heartbeat', async () => {
    await known()
    assert.equal(await ask(), session.id)
    channel.lagMs = GRACE_MS - 1
    assert.equal(await ask(), session.id)
    channel.lagMs = GRACE_MS
    await assert.rejects(ask(), StoreUnavailableError)
  })

  it('serves no cached session whose record this release cannot read', async () => {
    await known()
    const asked = cache.find(session.id, waiting)
    store.reads[1]?.reject(new UnreadableRecordError('a record has version 9'))
    await assert.rejects(asked, StoreUnavailableError)
  })

  it('serves no unknown sessions', async () => {
    await known()
    await assert.rejects(ask('unknown'), StoreUnavailableError)
  })

  it('serves no sessions with a grace of 0', async () => {
    cache = cacheWith(0)
    await known()
    channel.lagMs = 0
    await assert.rejects(ask(), StoreUnavailableError)
  })

  it('serves no session whose end it received', async () => {
    await known()
    cache.forget(session.id)
    await assert.rejects(ask(), StoreUnavailableError)
  })

  it('serves no session that a read has missed', async () => {
    await known()
    const asked = cache.find(session.id, waiting)
    answerNone(1)
    assert.equal(await asked, undefined)
    await assert.rejects(ask(), StoreUnavailableError)
  })

  it('serves no session from before a new subscription', async () => {
    await known()
    cache.forgetAll()
    await assert.rejects(ask(), StoreUnavailableError)
  })

  it('waits for a hanging Redis once, then only for probes', async () => {
    await known()
    const begun = performance.now()
    assert.equal((await cache.find(session.id, waiting))?.session.id, session.id)
    assert.ok(performance.now() - begun > 250)
    const reads = store.reads.length
    for (let count = 0; count < 100; count += 1) {
      assert.equal((await cache.find(session.id, waiting))?.session.id, session.id)
    }
    assert.equal(store.reads.length, reads, 'no other request waits')
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

  it('still reads nodes that do not hang', async () => {
    await assert.rejects(cache.find(session.id, waiting), StoreUnavailableError)
    await assert.rejects(cache.find(session.id, waiting), /circuit breaker is open/)
    const asked = cache.find('elsewhere', waiting)
    answer(1)
    assert.ok((await asked) !== undefined)
  })

  it('serves no session whose change arrived during the read', async () => {
    await known()
    const asked = cache.find(session.id, waiting)
    cache.forget(session.id)
    fail(1)
    await assert.rejects(asked, StoreUnavailableError)
  })

  it('does not cache a read during which a change arrived', async () => {
    await known()
    const asked = cache.find(session.id, waiting)
    cache.forget(session.id)
    answer(1)
    await new Promise(setImmediate)
    fail(2)
    await assert.rejects(asked, StoreUnavailableError)
  })

  for (const [whom, caller, expected] of [
    ['as the last read saw it', waiting, 'read'],
    ['no longer, after a read whose caller is gone', gone, undefined],
  ] as const) {
    it(`serves a session ${whom}`, async () => {
      await known()
      const read = cache.find(session.id, caller)
      answer(1, { ...session, access: 'read' })
      await read
      const asked = cache.find(session.id, waiting)
      fail(2)
      assert.equal((await asked.catch(() => undefined))?.session.access, expected)
    })
  }

  it('keeps the opened credential of a session that a read finds unchanged', async () => {
    await known()
    const reads = [1, 2].map(async (index) => {
      const asked = cache.find(session.id, waiting)
      answer(index, structuredClone(session))
      return await asked
    })
    assert.equal(new Set(await Promise.all(reads)).size, 1)
  })

  it('drops the opened credential when a read finds a new one', async () => {
    await known()
    const { sealedCredential } = openSession().session
    const reads = [session, { ...session, sealedCredential }].map(async (found, index) => {
      const asked = cache.find(session.id, waiting)
      answer(index + 1, structuredClone(found))
      return await asked
    })
    const [before, after] = await Promise.all(reads)
    assert.ok(before !== undefined && after !== undefined && before !== after)
    assert.notEqual(before.seal, after.seal)
  })
})
