import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { markStore, marksKey, markTags, MAX_LOST_MS } from '../../../core/store/store-marks.ts'
import { masterOf } from '../../../core/store/store-masters.ts'
import { onEachStore, type TestStore } from '../../support/store/each-store.ts'

const GAP_MS = 900_000
const HOUR_MS = 3_600_000

onEachStore('A mark in the store', (current: () => TestStore) => {
  /** A process with its earlier marks; each mark is made at every tag, and the results must agree. */
  function process({ maxGapMs = GAP_MS } = {}) {
    const name = randomUUID()
    const own = { firstMs: 0, lastMs: 0, endedUntil: 0 }
    return {
      own,
      async mark(): Promise<{ lostMs: number; endedUntil: number }> {
        const { store } = current()
        const tags = markTags(store)
        const marked = await Promise.all(tags.map((tag) => markStore(store, tag, { ...own, name, maxGapMs })))
        const markedMs = marked[0]?.markedMs ?? 0
        own.firstMs ||= markedMs
        own.lastMs = markedMs
        own.endedUntil = Math.max(...marked.map(({ endedUntil }) => endedUntil))
        assert.equal(new Set(marked.map(({ lostMs }) => lostMs > 0)).size, 1)
        return { lostMs: Math.max(...marked.map(({ lostMs }) => lostMs)), endedUntil: own.endedUntil }
      },
      /** As if it had run for longer. */
      age(ms: number): void {
        own.firstMs -= ms
      },
    }
  }

  /** As if everything in the store had been written earlier. */
  async function age(ms: number): Promise<void> {
    for (const master of current().masters()) {
      for (const key of await master.keys('connect:marks:*')) {
        for (const name of await master.zrange(key, '0', '-1')) await master.zincrby(key, String(-ms), name)
      }
    }
  }

  const assertEnded = ({ lostMs, endedUntil }: { lostMs: number; endedUntil: number }, ms: number): void => {
    assert.ok(Math.abs(lostMs - ms) < 5000, `${lostMs}`)
    assert.ok(Math.abs(endedUntil * 1000 - Date.now()) < 5000)
  }
  const CONTINUES = { lostMs: 0, endedUntil: 0 }

  it('is at every master, for 100 days', async () => {
    await process().mark()
    const { store } = current()
    const masters = markTags(store).map((tag) => masterOf(store, marksKey(tag)))
    assert.equal(new Set(masters).size, current().masters().length)
    const keys = await current().keys()
    assert.ok(keys.length > 0)
    for (const key of keys) assert.ok((await store.ttl(key)) > 99 * 86_400, key)
  })

  it('ends no session in an empty store, and none while processes come and go', async () => {
    const [first, second] = [process(), process()]
    for (const each of [first, second, first, process(), second])
      assert.deepEqual(await each.mark(), CONTINUES)
  })

  it('ends no session after a failover to a replica that was behind by less than a minute', async () => {
    const one = process()
    await one.mark()
    one.age(HOUR_MS)
    await age(MAX_LOST_MS - 5000)
    assert.deepEqual(await one.mark(), CONTINUES)
  })

  it('ends every session when the mark of a running process went back by more than a minute', async () => {
    const one = process()
    await one.mark()
    await age(MAX_LOST_MS + 5000)
    assertEnded(await one.mark(), MAX_LOST_MS + 5000)
  })

  it('ends them even if a new process has marked the restored store first', async () => {
    const one = process()
    await one.mark()
    await age(MAX_LOST_MS + 5000)
    assert.deepEqual(await process().mark(), CONTINUES)
    assertEnded(await one.mark(), MAX_LOST_MS + 5000)
  })

  it('ends them when the mark of a running process is gone, as in a snapshot from before its start', async () => {
    const one = process()
    await one.mark()
    one.age(2 * MAX_LOST_MS)
    for (const master of current().masters()) await master.flushall()
    await process().mark()
    assertEnded(await one.mark(), 2 * MAX_LOST_MS)
  })

  it('of a process that was cut off for hours may be gone: others have forgotten it', async () => {
    const one = process()
    await one.mark()
    one.own.firstMs -= 3 * HOUR_MS
    one.own.lastMs -= 2 * HOUR_MS
    for (const master of current().masters()) await master.flushall()
    await process().mark()
    assert.deepEqual(await one.mark(), CONTINUES)
  })

  it('ends them once: other processes obey, and new sessions stay', async () => {
    const [one, other] = [process(), process()]
    await one.mark()
    await other.mark()
    await age(MAX_LOST_MS + 5000)
    const { endedUntil } = await one.mark()
    other.own.lastMs -= 2000
    assert.deepEqual(await other.mark(), { lostMs: 0, endedUntil })
    assert.deepEqual(await process().mark(), { lostMs: 0, endedUntil })
    assert.deepEqual(await one.mark(), { lostMs: 0, endedUntil })
  })

  it('ends every session when a process starts and no process has marked for longer than the gap', async () => {
    await process().mark()
    await age(GAP_MS - 5000)
    assert.deepEqual(await process().mark(), CONTINUES)
    await age(GAP_MS + 5000)
    assertEnded(await process().mark(), GAP_MS + 5000)
  })

  it('ends none after any gap if the operator has switched that off', async () => {
    await process().mark()
    await age(80 * 24 * HOUR_MS)
    assert.deepEqual(await process({ maxGapMs: 0 }).mark(), CONTINUES)
  })

  it('writes the end of sessions again where the store has lost it', async () => {
    const one = process()
    await one.mark()
    await age(MAX_LOST_MS + 5000)
    const { endedUntil } = await one.mark()
    for (const master of current().masters()) {
      for (const key of await master.keys('connect:rolled-back:*')) await master.del(key)
    }
    await one.mark()
    assert.equal((await process().mark()).endedUntil, endedUntil)
  })

  it('ends no new session, whatever end of sessions is in the store', async () => {
    const { store } = current()
    const forged = String(Math.floor(Date.now() / 1000) + 86_400)
    for (const tag of markTags(store)) await store.set(`connect:rolled-back:{${tag}}`, forged, 'EX', 60)
    const one = process()
    const { endedUntil } = await one.mark()
    assert.ok(Math.abs(endedUntil * 1000 - Date.now()) < 5000)
    assert.deepEqual(await one.mark(), { lostMs: 0, endedUntil })
  })

  it('is made and compared while the memory of the store is full', async () => {
    const one = process()
    await one.mark()
    await age(MAX_LOST_MS + 5000)
    const masters = current().masters()
    for (const master of masters) await master.config('SET', 'maxmemory', '1')
    try {
      assertEnded(await one.mark(), MAX_LOST_MS + 5000)
    } finally {
      for (const master of masters) await master.config('SET', 'maxmemory', '0')
    }
  })
})
