import assert from 'node:assert/strict'
import { NO_CONTROLS } from '../../../core/controls/control-record.ts'
import { CONTROL_CHANGES, ControlError, ControlStore } from '../../../core/controls/control-store.ts'
import { UnreadableRecordError } from '../../../core/store/record.ts'
import { onEachStore, type TestStore } from '../../support/store/each-store.ts'

const ORIGIN = 'https://connect.example.com'
const SET = { by: 'ada', at: 1_795_500_000 }
const FINGERPRINT = '0123456789abcdef'

onEachStore('The controls in the store', (current: () => TestStore) => {
  let controls: ControlStore

  beforeEach(() => {
    controls = new ControlStore(current().store, ORIGIN)
  })

  const change = (name = 'a change') => ({ ...SET, change: name })
  const blocked = async (): Promise<string[]> => (await controls.read()).blocked.map(({ entry }) => entry)

  it('are empty at first', async () => {
    assert.deepEqual(await controls.read(), NO_CONTROLS)
    assert.deepEqual(await current().keys(), [])
  })

  it('name who set each block and stop, and when', async () => {
    await controls.blockClient(FINGERPRINT, change())
    await controls.stop('platform', change())
    const { changes, ...set } = await controls.read()
    assert.deepEqual(set, {
      blocked: [{ entry: FINGERPRINT, ...SET }],
      stopped: [{ service: 'platform', ...SET }],
    })
    assert.equal(new Set(changes).size, 2)
  })

  it('take back what was set, and nothing else', async () => {
    for (const entry of [FINGERPRINT, 'evil.example', 'cursor://'])
      await controls.blockClient(entry, change())
    for (const service of ['platform', 'all']) await controls.stop(service, change())
    await controls.unblockClient('EVIL.example', change())
    await controls.start('all', change())
    assert.deepEqual(await blocked(), [FINGERPRINT, 'cursor://'])
    assert.deepEqual(
      (await controls.read()).stopped.map(({ service }) => service),
      ['platform'],
    )
  })

  it('refuse an entry that blocks no client', async () => {
    for (const entry of ['', 'javascript://', 'a b', 'one.example,two.example', '*']) {
      await assert.rejects(controls.blockClient(entry, change()), ControlError, entry)
    }
    assert.deepEqual(await controls.read(), NO_CONTROLS)
  })

  it('publish each change by its name, also one that was made already', async () => {
    const channel = await current().listenTo(CONTROL_CHANGES)
    for (const [make, outcome] of [
      [() => controls.blockClient(FINGERPRINT, change('first')), /replica/],
      [() => controls.blockClient(FINGERPRINT, change('second')), /unchanged/],
      [() => controls.start('platform', change('third')), /unchanged/],
    ] as const) {
      assert.match(await make(), outcome)
    }
    // Nodes of a cluster deliver in any order.
    const missing = new Set(['first', 'second', 'third'].map((name) => JSON.stringify({ change: name })))
    while (missing.size > 0) missing.delete(await channel.next())
  })

  it('keep all of several changes at once', async () => {
    const entries = Array.from({ length: 5 }, (_, number) => `host-${number}.example`)
    await Promise.all(entries.map((entry) => controls.blockClient(entry, change())))
    assert.deepEqual((await blocked()).sort(), entries)
  })

  it('are bounded', async () => {
    const many = Array.from({ length: 500 }, (_, number) => ({ entry: `host-${number}.example`, ...SET }))
    await controls.sync({ revision: 5, text: JSON.stringify({ version: 2, blocked: many, stopped: [] }) })
    await assert.rejects(controls.blockClient('one-more.example', change()), ControlError)
    assert.equal((await blocked()).length, 500)
  })

  it('are written again, when the store has lost changes that a process knows', async () => {
    await controls.blockClient(FINGERPRINT, change())
    const before = await controls.sync()
    await controls.stop('all', change())
    const { revision, text } = await controls.sync()
    const known = { revision, text }
    for (const master of current().masters()) await master.flushall()
    assert.deepEqual(await controls.sync(known), { ...known, wasLost: true })
    assert.deepEqual(await controls.sync(before), { ...known, wasLost: false })
    assert.deepEqual(await controls.sync(), { ...known, wasLost: false })
  })

  it('M05: keep a change that was made after the store was emptied, and what each process knows', async () => {
    for (const service of ['one', 'two', 'three']) await controls.stop(service, change())
    const known = await controls.sync()
    await controls.blockClient('earlier.example', change())
    const later = await controls.sync()
    for (const master of current().masters()) await master.flushall()
    await controls.blockClient(FINGERPRINT, change())
    assert.ok((await controls.sync(later)).wasLost)
    assert.ok(!(await controls.sync(known)).wasLost)
    assert.ok(!(await controls.sync(later)).wasLost)
    assert.deepEqual((await blocked()).sort(), [FINGERPRINT, 'earlier.example'])
    assert.equal((await controls.read()).stopped.length, 3)
  })

  it('M05: keep both of two changes with the same number, and lift nothing that a restored store lacks', async () => {
    await controls.blockClient('earlier.example', change())
    const known = await controls.sync()
    for (const master of current().masters()) await master.flushall()
    await controls.blockClient(FINGERPRINT, change())
    const merged = await controls.sync(known)
    assert.deepEqual((await blocked()).sort(), [FINGERPRINT, 'earlier.example'])
    const [key = ''] = await current().keys()
    await controls.unblockClient(FINGERPRINT, change())
    const unblocked = await controls.sync()
    const { revision, text } = merged
    await current().store.hset(key, 'revision', revision, 'record', text)
    await controls.sync(unblocked)
    assert.deepEqual(await blocked(), ['earlier.example'])
  })

  it('follow the store for a process that missed more changes than a record names', async () => {
    await controls.blockClient('earlier.example', change())
    const known = await controls.sync()
    await controls.unblockClient('earlier.example', change())
    for (let count = 0; count < 60; count += 1) {
      await controls.stop('platform', change())
      await controls.start('platform', change())
    }
    assert.ok(!(await controls.sync(known)).wasLost)
    assert.deepEqual(await blocked(), [])
  })

  it('live for 400 days after the last read', async () => {
    await controls.blockClient(FINGERPRINT, change())
    const [key = ''] = await current().keys()
    assert.match(key, /^connect:controls:[\w-]{43}$/)
    await current().store.expire(key, 60)
    await controls.sync()
    assert.ok((await current().store.ttl(key)) > 399 * 86_400)
  })

  it('are separate for each Connect host', async () => {
    await controls.stop('all', change())
    assert.deepEqual(await new ControlStore(current().store, 'https://other.example').read(), NO_CONTROLS)
  })

  it('are unavailable when this release cannot read them', async () => {
    await controls.stop('all', change())
    const [key = ''] = await current().keys()
    const unknownEntry = { version: 3, blocked: [{ entry: 'kind?of=entry', ...SET }], stopped: [] }
    for (const text of ['no json', '[]', '{"version":9}', '{"version":2}', JSON.stringify(unknownEntry)]) {
      await current().store.hset(key, 'record', text)
      await assert.rejects(controls.read(), UnreadableRecordError, text)
    }
  })

  it('keep members of a newer release', async () => {
    await controls.stop('all', change())
    const [key = ''] = await current().keys()
    await current().store.hset(key, 'record', '{"version":3,"blocked":[],"stopped":[],"more":1}')
    await controls.blockClient(FINGERPRINT, change())
    const record = JSON.parse((await current().store.hget(key, 'record')) ?? '') as { changes?: unknown }
    delete record.changes
    assert.deepEqual(record, { version: 3, blocked: [{ entry: FINGERPRINT, ...SET }], stopped: [], more: 1 })
  })

  it('can be changed while the memory of the store is full', async () => {
    const masters = current().masters()
    try {
      for (const master of masters) await master.config('SET', 'maxmemory', '1')
      await controls.stop('all', change())
      assert.equal((await controls.read()).stopped.length, 1)
    } finally {
      for (const master of masters) await master.config('SET', 'maxmemory', '0')
    }
  })
})
