import assert from 'node:assert/strict'
import { randomSecret } from '../../../core/keys/hash.ts'
import { SessionIndex, type IndexEntry } from '../../../core/sessions/session-index.ts'
import { onEachStore, type TestStore } from '../../support/store/each-store.ts'

const NOW = 1_795_500_000
const DAY_SECONDS = 86_400
const MANY = 60

onEachStore('The index of all sessions', (current: () => TestStore) => {
  let index: SessionIndex

  beforeEach(() => {
    index = new SessionIndex(current().store, 'https://connect.example.com')
  })

  async function add(id: string, { openedAt = NOW, seconds = DAY_SECONDS } = {}): Promise<void> {
    await index.add(id, { openedAt, seconds })
  }

  async function addMany(openedAt: (number: number) => number): Promise<string[]> {
    const ids = Array.from({ length: MANY }, () => randomSecret())
    await Promise.all(ids.map((id, number) => add(id, { openedAt: openedAt(number) })))
    return ids
  }

  async function pages(limit: number): Promise<IndexEntry[][]> {
    const all: IndexEntry[][] = []
    let before: IndexEntry | undefined
    do {
      const page = await index.page({ limit, ...(before === undefined ? {} : { before }) })
      all.push([...page.entries])
      before = page.next
    } while (before !== undefined)
    return all
  }

  it('lists each session once, newest first, in pages', async () => {
    const ids = await addMany((number) => NOW + number)
    const found = await pages(25)
    assert.deepEqual(
      found.map(({ length }) => length),
      [25, 25, 10],
    )
    assert.deepEqual(
      found.flat().map(({ id }) => id),
      ids.toReversed(),
    )
    assert.equal(found[0]?.[0]?.addedAt, NOW + MANY - 1)
  })

  it('leaves out none of the sessions of one second where a page ends among them', async () => {
    const ids = await addMany((number) => NOW + Math.floor(number / 30))
    for (const limit of [1, 7, MANY]) {
      const found = (await pages(limit)).flat()
      assert.deepEqual(found.map(({ id }) => id).sort(), ids.toSorted(), `limit ${limit}`)
      assert.ok(
        found.slice(1).every(({ addedAt }, position) => addedAt <= (found[position]?.addedAt ?? 0)),
        'newest first',
      )
    }
  })

  it('keeps the first time of a session that is entered again', async () => {
    await add('session-1')
    await add('session-1', { openedAt: NOW + 100 })
    assert.deepEqual(await index.page({ limit: 10 }), { entries: [{ id: 'session-1', addedAt: NOW }] })
  })

  it('is separate for each Connect host', async () => {
    await add('session-1')
    const elsewhere = new SessionIndex(current().store, 'https://other.example.com')
    assert.deepEqual(await elsewhere.page({ limit: 10 }), { entries: [] })
  })

  it('forgets ended sessions, but not one that may be opening', async () => {
    await add('gone')
    await add('about to open', { openedAt: NOW + 200 })
    const { entries } = await index.page({ limit: 10 })
    await index.forget(entries, NOW + 300)
    assert.deepEqual((await index.page({ limit: 10 })).entries, [{ id: 'about to open', addedAt: NOW + 200 }])
    await index.forget(entries, NOW + 321)
    assert.deepEqual((await index.page({ limit: 10 })).entries, [])
  })

  it('is spread over all masters, and each part lives as long as its longest session', async () => {
    await addMany(() => NOW)
    const parts = await current().keys()
    assert.ok(parts.length > 8 && parts.length <= 16)
    for (const master of current().masters()) {
      const keys = await master.keys('*')
      assert.ok(keys.length > 0)
      for (const key of keys) assert.ok((await master.ttl(key)) > DAY_SECONDS - 60)
    }
  })

  it('forgets sessions past the maximum lifetime when another session of the part is entered', async () => {
    await add('session-1', { openedAt: NOW - 90 * DAY_SECONDS })
    await add('session-1', { openedAt: NOW })
    assert.deepEqual((await index.page({ limit: 10 })).entries, [{ id: 'session-1', addedAt: NOW }])
  })
})
