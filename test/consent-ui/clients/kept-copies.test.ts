import assert from 'node:assert/strict'
import { KeptCopies } from '../../../consent-ui/clients/kept-copies.ts'

const LONG_SECONDS = 3600
/** More than are kept. */
const MANY = 700

describe('Cached copies of documents', () => {
  let copies: KeptCopies<string>

  beforeEach(() => {
    copies = new KeptCopies(() => 0)
  })

  function keep(url: string): void {
    copies.keep(url, url, LONG_SECONDS)
  }

  function isKept(url: string): boolean {
    return copies.lastGood(url) !== undefined
  }

  it('are not evicted by any number of query strings', () => {
    const good = ['https://a.example/client', 'https://a.example/other', 'https://b.example/client']
    good.forEach(keep)
    for (let index = 0; index < MANY; index += 1) keep(`https://a.example/client?${index}`)
    for (const url of good) assert.ok(isKept(url), url)
  })

  it('are not evicted by any number of URLs at another host', () => {
    const good = ['https://a.example/client', 'https://a.example/client?x=y']
    good.forEach(keep)
    for (let index = 0; index < MANY; index += 1) keep(`https://b.example/${index}`)
    for (const url of good) assert.ok(isKept(url), url)
  })

  it('are not evicted by URLs at their own host while they are used', () => {
    const good = 'https://a.example/client'
    keep(good)
    for (let index = 0; index < MANY; index += 1) {
      keep(`https://a.example/${index}`)
      if (index % 100 === 0) assert.ok(isKept(good))
    }
    assert.ok(isKept(good))
  })

  it('are at most five hundred, the last used', () => {
    const urls = Array.from({ length: MANY }, (_, index) => `https://a.example/${index}`)
    urls.forEach(keep)
    assert.deepEqual(urls.filter(isKept), urls.slice(-500))
  })
})
