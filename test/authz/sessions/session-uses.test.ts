import assert from 'node:assert/strict'
import { SessionUses } from '../../../authz/sessions/session-uses.ts'
import { readSessionDetails } from '../../../core/sessions/session-details.ts'
import { createLog } from '../../../core/log/log.ts'
import { onEachStore } from '../../support/store/each-store.ts'

const NOW_MS = 1_800_000_000_000

onEachStore('The use of sessions', (current) => {
  let nowMs: number
  let uses: SessionUses

  beforeEach(async () => {
    nowMs = NOW_MS
    uses = new SessionUses({ store: current().store, log: createLog('test', 'silent'), nowMs: () => nowMs })
    for (const id of ['a', 'b']) await current().store.hset(`connect:{${id}}:session`, { record: '{}' })
  })

  const useOf = async (id: string) => (await readSessionDetails(current().store, id)).use

  it('is written with its tools by the next report', async () => {
    uses.note('a', 'package_list')
    uses.note('b')
    await uses.report()
    assert.deepEqual(await useOf('a'), { at: NOW_MS / 1000, tools: ['package_list'] })
    assert.deepEqual(await useOf('b'), { at: NOW_MS / 1000, tools: [] })
  })

  it('is written once a minute per session, with all that was used since', async () => {
    uses.note('a', 'one')
    await uses.report()
    nowMs += 59_000
    uses.note('a', 'two')
    await uses.report()
    assert.deepEqual(await useOf('a'), { at: NOW_MS / 1000, tools: ['one'] })
    nowMs += 1000
    await uses.report()
    assert.deepEqual(await useOf('a'), { at: NOW_MS / 1000 + 59, tools: ['two', 'one'] })
  })

  it('of the last minute is written at the stop', async () => {
    const stop = uses.start()
    uses.note('a', 'one')
    await uses.report()
    nowMs += 1000
    uses.note('a', 'two')
    await stop()
    assert.deepEqual((await useOf('a'))?.tools, ['two', 'one'])
  })

  it('keeps no tool name that is long or odd: clients write them', async () => {
    for (const name of ['x'.repeat(65), '<b>', 'a b', '\u202e', '']) uses.note('a', name)
    await uses.report()
    assert.deepEqual((await useOf('a'))?.tools, [])
  })

  it('of more sessions than are followed is left out', async () => {
    for (let one = 0; one < 20_000; one += 1) uses.note(`other-${one}`)
    uses.note('a')
    await uses.report()
    assert.equal(await useOf('a'), undefined)
  })
})
