import assert from 'node:assert/strict'
import { PersonSessions } from '../../../consent-ui/store/person-sessions.ts'
import { REVOCATION_MARKER_SECONDS } from '../../../consent-ui/lifetimes.ts'
import type { TestStore } from '../store/each-store.ts'

const NOW = 1_795_500_000
const DAY_SECONDS = 86_400
const ADA = 'connect:person:ada-hashed'

/** The contract of the list of a person's sessions, on every kind of store. */
export function personSessionsContract(current: () => TestStore): void {
  let list: PersonSessions

  beforeEach(() => {
    list = new PersonSessions(current().store, 'https://connect.example.com')
  })

  async function add(id: string, { now = NOW, seconds = DAY_SECONDS } = {}): Promise<void> {
    await list.add(ADA, id, { now, seconds })
  }

  async function ids(): Promise<string[]> {
    return (await list.of(ADA)).map(({ id }) => id)
  }

  async function secondsLeft(): Promise<number> {
    const [key = ''] = await current().keys()
    return await current().store.ttl(key)
  }

  it('lists each entered session once, newest first', async () => {
    await add('first')
    await add('third', { now: NOW + 2 })
    await add('second', { now: NOW + 1 })
    await add('first')
    assert.deepEqual(await ids(), ['third', 'second', 'first'])
  })

  it('is separate for each user and Connect host', async () => {
    await add('ada-1')
    await list.add('connect:person:grace-hashed', 'grace-1', { now: NOW, seconds: 60 })
    const elsewhere = new PersonSessions(current().store, 'https://other.example.com')
    assert.deepEqual(await ids(), ['ada-1'])
    assert.deepEqual(await elsewhere.of(ADA), [])
    assert.deepEqual(await list.of('unknown'), [])
  })

  it('lives as long as its longest session, whatever the order of entry', async () => {
    await add('long', { seconds: 1000 })
    await add('short', { seconds: 10 })
    assert.ok((await secondsLeft()) > 990)
    await add('longest', { seconds: 2000 })
    assert.ok((await secondsLeft()) > 1990 && (await secondsLeft()) <= 2000)
  })

  it('keeps all of many concurrent entries', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `session-${index}`)
    await Promise.all(names.map((name) => add(name)))
    assert.deepEqual((await ids()).sort(), names.sort())
  })

  it('forgets ended sessions, but not one that may be opening', async () => {
    await add('gone')
    await add('about to open', { now: NOW + 200 })
    await list.forget(ADA, await list.of(ADA), NOW + 300)
    assert.deepEqual(await ids(), ['about to open'])
    await list.forget(ADA, await list.of(ADA), NOW + 321)
    assert.deepEqual(await ids(), [])
  })

  it('forgets sessions past the maximum lifetime', async () => {
    await add('old', { now: NOW - 90 * DAY_SECONDS })
    await add('not so old', { now: NOW - 90 * DAY_SECONDS + 1 })
    await add('new')
    assert.deepEqual(await ids(), ['new', 'not so old'])
  })

  it('gives each revocation by the user a new marker, which expires', async () => {
    assert.equal(await list.revocationMarker(ADA), undefined)
    await list.markRevocation(ADA)
    const first = await list.revocationMarker(ADA)
    assert.ok(first !== undefined)
    assert.ok((await secondsLeft()) > REVOCATION_MARKER_SECONDS - 10)
    await list.markRevocation(ADA)
    assert.notEqual(await list.revocationMarker(ADA), first)
    assert.equal(await list.revocationMarker('connect:person:grace-hashed'), undefined)
    const elsewhere = new PersonSessions(current().store, 'https://other.example.com')
    assert.equal(await elsewhere.revocationMarker(ADA), undefined)
  })

  it('has no user name in a key or value', async () => {
    await list.markRevocation(ADA)
    const [mark = ''] = await current().keys()
    assert.match(mark, /^connect:taken-back:[\w-]{43}$/)
    await current().store.del(mark)
    await add('session-1')
    const [key = '', ...others] = await current().keys()
    assert.deepEqual(others, [])
    assert.match(key, /^connect:sessions-of:[\w-]{43}$/)
    assert.ok(!(await current().store.zrange(key, '0', '-1')).join().includes('ada-hashed'))
  })
}
