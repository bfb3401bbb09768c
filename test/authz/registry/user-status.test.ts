import assert from 'node:assert/strict'
import { UserStatusCheck } from '../../../authz/registry/user-status.ts'

const SECOND_MS = 1000
const DAY_MS = 86_400_000

describe('UserStatusCheck', () => {
  let check: UserStatusCheck

  beforeEach(() => {
    check = new UserStatusCheck('sealed', 0)
  })

  /** What a request at this second must do, and its result if the Registry does not answer. */
  function at(second: number): string {
    const nowMs = second * SECOND_MS
    if (check.isFresh(nowMs)) return 'pass'
    const steps = [check.mayAsk(nowMs) ? 'ask' : '', check.mustWait(nowMs) ? 'wait' : '']
    return [...steps.filter(Boolean), check.statusAt(nowMs, DAY_MS)].join(' ')
  }

  it('is fresh for 45 s, asks from then on, and makes requests wait after 60 s', () => {
    assert.deepEqual([0, 44.9, 45, 59.9, 60, 3600].map(at), [
      'pass',
      'pass',
      'ask accepted',
      'ask accepted',
      'ask wait accepted',
      'ask wait accepted',
    ])
  })

  it('is fresh again from the time of the question when the Registry accepts', () => {
    check.accept(50 * SECOND_MS)
    assert.deepEqual([94.9, 95].map(at), ['pass', 'ask accepted'])
  })

  it('asks one question at a time', () => {
    check.question = { askedMs: 45 * SECOND_MS, answered: Promise.resolve() }
    assert.deepEqual([46, 61].map(at), ['accepted', 'wait accepted'])
  })

  it('stays refused and asks every 10 s until the Registry accepts', () => {
    check.refuse(50 * SECOND_MS)
    assert.deepEqual([50, 59.9, 60].map(at), ['wait refused', 'wait refused', 'ask wait refused'])
    check.fail(60 * SECOND_MS)
    assert.deepEqual([64.9, 65, 90_000].map(at), ['wait refused', 'ask wait refused', 'ask wait refused'])
    check.accept(90_000 * SECOND_MS)
    assert.equal(at(90_001), 'pass')
  })

  it('stays accepted without an answer for a day, asks every 5 s, and is unknown then', () => {
    check.fail(45 * SECOND_MS)
    assert.deepEqual([49.9, 50].map(at), ['accepted', 'ask accepted'])
    assert.deepEqual([86_399, 86_400].map(at), ['ask wait accepted', 'ask wait unknown'])
  })
})
