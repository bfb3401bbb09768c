import assert from 'node:assert/strict'
import { AnswerReader, type Answer } from '../../bench/load/answer-reader.ts'

function readInPieces(text: string, bytes: number): (Answer | undefined)[] {
  const reader = new AnswerReader()
  const answers: (Answer | undefined)[] = []
  for (let at = 0; at < text.length; at += bytes) {
    answers.push(reader.push(Buffer.from(text.slice(at, at + bytes))))
  }
  return answers
}

const SIZED = 'HTTP/1.1 503 Service Unavailable\r\nX-Seen: a: b\r\ncontent-length: 5\r\n\r\nhello'
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'

describe('AnswerReader', () => {
  for (const [kind, text, status] of [
    ['a length', SIZED, 503],
    ['chunks', CHUNKED, 200],
  ] as const) {
    for (const bytes of [1, 7, 1000]) {
      it(`returns an answer with ${kind}, ${bytes} bytes at a time, once it is complete`, () => {
        const answers = readInPieces(text, bytes)
        const last = answers.pop()
        assert.deepEqual([last?.status, last?.body], [status, 'hello'])
        assert.ok(answers.every((answer) => answer === undefined))
      })
    }
  }

  it('reads the next answer of the same connection', () => {
    const reader = new AnswerReader()
    assert.equal(reader.push(Buffer.from(SIZED))?.headers.get('x-seen'), 'a: b')
    assert.equal(reader.push(Buffer.from(CHUNKED))?.status, 200)
  })
})
