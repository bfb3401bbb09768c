import assert from 'node:assert/strict'
import { readSessionDetails, reportUse } from '../../../core/sessions/session-details.ts'
import { onEachStore } from '../../support/store/each-store.ts'

const NOW = 1_800_000_000

onEachStore('The details of a session', (current) => {
  const key = 'connect:{a}:session'

  beforeEach(() => current().store.hset(key, { record: '{}' }))

  it('are absent before the first report', async () => {
    assert.deepEqual(await readSessionDetails(current().store, 'a'), {
      openedFrom: undefined,
      use: undefined,
    })
  })

  it('hold the latest use, whatever order two authz processes report in', async () => {
    const { store } = current()
    await reportUse(store, 'a', { at: NOW, tools: ['read'] })
    await reportUse(store, 'a', { at: NOW - 5, tools: ['list', 'read'] })
    await reportUse(store, 'a', { at: NOW - 9, tools: [] })
    assert.deepEqual((await readSessionDetails(store, 'a')).use, { at: NOW, tools: ['list', 'read'] })
  })

  it('hold at most eight tools, the ones used last', async () => {
    const { store } = current()
    for (let at = 0; at < 12; at += 1) await reportUse(store, 'a', { at: NOW + at, tools: [`tool-${at}`] })
    const { use } = await readSessionDetails(store, 'a')
    assert.deepEqual(
      use?.tools,
      [11, 10, 9, 8, 7, 6, 5, 4].map((at) => `tool-${at}`),
    )
  })

  it('do not bring back a session that has ended', async () => {
    const { store } = current()
    await store.del(key)
    await reportUse(store, 'a', { at: NOW, tools: ['read'] })
    assert.equal(await store.exists(key), 0)
  })

  it('survive a value that cannot be read', async () => {
    const { store } = current()
    await store.hset(key, { used_at: NOW, used_tools: '{', opened_from: '[]' })
    assert.deepEqual(await readSessionDetails(store, 'a'), {
      openedFrom: undefined,
      use: { at: NOW, tools: [] },
    })
    await reportUse(store, 'a', { at: NOW, tools: ['read'] })
    assert.deepEqual((await readSessionDetails(store, 'a')).use?.tools, ['read'])
  })
})
