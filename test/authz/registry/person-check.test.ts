import assert from 'node:assert/strict'
import { PersonCheck } from '../../../authz/registry/person-check.ts'

const SECOND_MS = 1000
const DAY_MS = 86_400_000

describe('PersonCheck', () => {
  let check: PersonCheck

  /** Accepted at second 0. */
  beforeEach(() => {
    check = new PersonCheck('sealed', 0)
  })

  /** What a request at this second has to do, and how it ends without an answer. */
  function at(second: number): string {
    const nowMs = second * SECOND_MS
    if (check.isFresh(nowMs)) return 'pass'
    const steps = [check.mayAsk(nowMs) ? 'ask' : '', check.mustWait(nowMs) ? 'wait' : '']
    return [...steps.filter(Boolean), check.standing(nowMs, DAY_MS)].join(' ')
  }

  it('is fresh for 45 s, is asked about from then on, and waited for after 60 s', () => {
    assert.deepEqual([0, 44.9, 45, 59.9, 60, 3600].map(at), [
      'pass',
      'pass',
      'ask accepted',
      'ask accepted',
      'ask wait accepted',
      'ask wait accepted',
    ])
  })

  it('is fresh again from when it was asked about, if accepted', () => {
    check.accept(50 * SECOND_MS)
    assert.deepEqual([94.9, 95].map(at), ['pass', 'ask accepted'])
  })

  it('is asked about once at a time', () => {
    check.question = { askedMs: 45 * SECOND_MS, answered: Promise.resolve() }
    assert.deepEqual([46, 61].map(at), ['accepted', 'wait accepted'])
  })

  it('stays refused, and is asked about every 10 s, until it is accepted', () => {
    check.refuse(50 * SECOND_MS)
    assert.deepEqual([50, 59.9, 60].map(at), ['wait refused', 'wait refused', 'ask wait refused'])
    check.fail(60 * SECOND_MS)
    assert.deepEqual([64.9, 65, 90_000].map(at), ['wait refused', 'ask wait refused', 'ask wait refused'])
    check.accept(90_000 * SECOND_MS)
    assert.equal(at(90_001), 'pass')
  })

  it('passes without an answer for a day, asking every 5 s, and is unknown then', () => {
    check.fail(45 * SECOND_MS)
    assert.deepEqual([49.9, 50].map(at), ['accepted', 'ask accepted'])
    assert.deepEqual([86_399, 86_400].map(at), ['ask wait accepted', 'ask wait unknown'])
  })
})
