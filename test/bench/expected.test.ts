import assert from 'node:assert/strict'
import type { Answer } from '../../bench/load/answer-reader.ts'
import { credentialOf, describeFault } from '../../bench/load/expected.ts'

const answer = (seen: string, changes: Partial<Answer> = {}): Answer => ({
  status: 200,
  headers: new Map([['x-seen', seen]]),
  body: 'b',
  ...changes,
})
const asked = { session: 12, token: 'eyJhbGciOiJFUzI1NiJ9' }
const swapped = { status: 200, body: 'b', seen: 'credential' } as const
const passedOn = { status: 200, body: 'b', seen: 'token' } as const

describe('describeFault', () => {
  it('accepts an answer when the service got the credential of the session', () => {
    assert.equal(describeFault(answer(`Bearer ${credentialOf(12)}`), swapped, asked), undefined)
  })

  it('accepts an answer when the service was to get the token, and did', () => {
    assert.equal(describeFault(answer('Bearer eyJhbGciOiJFU'), passedOn, asked), undefined)
  })

  it('reports the credential of another session, and the token in its place', () => {
    for (const seen of [`Bearer ${credentialOf(13)}`, 'Bearer eyJhbGciOiJFU', '']) {
      assert.match(describeFault(answer(seen), swapped, asked) ?? '', /wrong credential/)
    }
  })

  it('reports another status, and another body', () => {
    const seen = `Bearer ${credentialOf(12)}`
    assert.match(describeFault(answer(seen, { status: 401 }), swapped, asked) ?? '', /401/)
    assert.match(describeFault(answer(seen, { body: 'c' }), swapped, asked) ?? '', /another body/)
  })
})
