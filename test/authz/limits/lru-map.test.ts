import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LruMap } from '../../../authz/limits/lru-map.ts'

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f']

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

  it('keeps the order of use through whatever is done to it', () => {
    const operation = fc.tuple(fc.constantFrom('get', 'set', 'delete'), fc.constantFrom(...KEYS))
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const map = new LruMap<string>(3)
        let expected: string[] = []
        for (const [what, key] of operations) {
          const held = expected.includes(key)
          const others = expected.filter((other) => other !== key)
          if (what === 'set') {
            map.set(key, key)
            expected = [...others, key].slice(-3)
          } else if (what === 'get') {
            assert.equal(map.get(key), held ? key : undefined)
            expected = held ? [...others, key] : others
          } else {
            map.delete(key)
            expected = others
          }
          assert.equal(map.size, expected.length)
        }
        for (const key of KEYS) assert.equal(map.get(key) !== undefined, expected.includes(key))
      }),
    )
  })

  it('forgets as many as it takes to stay within a bound of bytes', () => {
    const map = new LruMap<string>(10, { most: 10, of: ({ length }) => length })
    const held = (): string => ['a', 'b', 'c', 'd'].filter((key) => map.get(key) !== undefined).join('')
    map.set('a', 'xxxx')
    map.set('b', 'xxxx')
    map.set('a', 'xx')
    map.set('c', 'xxxx')
    assert.equal(held(), 'abc')
    map.set('d', 'xxxxxxx')
    assert.equal(held(), 'd')
    map.set('a', 'xxx')
    assert.equal(held(), 'ad')
    map.set('b', 'longer than all of it')
    assert.equal(held(), '')
    map.delete('b')
    map.clear()
    map.set('c', 'x'.repeat(10))
    assert.equal(held(), 'c')
  })
})
