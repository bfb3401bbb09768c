import assert from 'node:assert/strict'
import { LruMap } from '../../authz/lru-map.ts'

describe('LruMap', () => {
  it('forgets what was not used for longest', () => {
    const map = new LruMap<number>(2)
    map.set('a', 1)
    map.set('b', 2)
    assert.equal(map.get('a'), 1)
    map.set('c', 3)
    assert.deepEqual([map.get('a'), map.get('b'), map.get('c'), map.size], [1, undefined, 3, 2])
  })

  it('replaces without forgetting', () => {
    const map = new LruMap<number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.set('b', 3)
    assert.deepEqual([map.get('a'), map.get('b'), map.size], [1, 3, 2])
  })

  it('takes any name', () => {
    const map = new LruMap<number>(2)
    assert.equal(map.get('constructor'), undefined)
    map.set('__proto__', 1)
    map.delete('constructor')
    assert.equal(map.get('__proto__'), 1)
    map.clear()
    assert.equal(map.size, 0)
  })
})
