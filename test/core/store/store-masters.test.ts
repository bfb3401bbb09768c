import assert from 'node:assert/strict'
import { masterOf, mastersOf } from '../../../core/store/store-masters.ts'
import { onEachStore } from '../../support/store/each-store.ts'

onEachStore('The masters of a store', (current) => {
  it('are returned by name, each with its connection', async () => {
    const masters = await mastersOf(current().store)
    assert.equal(masters.size, current().masters().length)
    assert.deepEqual(new Set(masters.values()), new Set(current().masters()))
  })

  it('are found by key', async () => {
    const masters = await mastersOf(current().store)
    const names = new Set<string>()
    for (let count = 0; count < 50; count += 1) {
      const key = `connect:{${count}}:session`
      const name = masterOf(current().store, key) ?? 'none'
      names.add(name)
      // Anywhere else it is refused: MOVED.
      assert.equal(await masters.get(name)?.set(key, 'value', 'EX', 60), 'OK')
    }
    assert.deepEqual(names, new Set(masters.keys()))
  })
})
