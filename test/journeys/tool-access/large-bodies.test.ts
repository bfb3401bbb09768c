import assert from 'node:assert/strict'
import { PROTOCOLS } from '../../edge/support/ask.ts'
import { sharedAccessStack } from './support/access-stack.ts'
import { CHANGING_TOOL, READING_TOOL, toolCallOf } from './support/calls.ts'
import { send } from './support/send.ts'
import { beforeAll } from '../../support/before-all.ts'

/** What is buffered for a check (max_request_bytes). */
const MAX_BYTES = 1_048_576
const TOO_LARGE = [MAX_BYTES + 1, MAX_BYTES + 8000, 1_500_000, 3_000_000]
const FRAMINGS = [
  { sized: true, framing: 'with a content-length' },
  { sized: false, framing: 'of a length that is not told' },
]

describe('A large body in a read-only session', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedAccessStack())

  for (const protocol of PROTOCOLS) {
    for (const { sized, framing } of FRAMINGS) {
      it(`over ${protocol}, ${framing}: one byte too many, and three megabytes, are 413 as JSON and do not reach the service`, async () => {
        for (const bytes of TOO_LARGE) {
          const body = toolCallOf(bytes, READING_TOOL)
          const { answer, reached } = await send(stack, stack.reader, { protocol, sized, body })
          assert.equal(answer.status, 413, `${bytes} bytes`)
          assert.deepEqual(answer.headers.get('content-type'), ['application/json'])
          assert.match(answer.body, /"error":\{"code":-32600,"message":"The request is/)
          assert.equal(reached.length, 0)
        }
      })

      it(`over ${protocol}, ${framing}: a body of exactly the buffer's size is judged, and reaches the service whole`, async () => {
        const body = toolCallOf(MAX_BYTES, READING_TOOL)
        const { answer, reached } = await send(stack, stack.reader, { protocol, sized, body })
        assert.equal(answer.status, 200)
        assert.equal((await reached[0]?.whole)?.toString('latin1'), body)

        const refused = { protocol, sized, body: toolCallOf(MAX_BYTES, CHANGING_TOOL) }
        const { answer: refusal, reached: none } = await send(stack, stack.reader, refused)
        assert.match(refusal.body, /read-only access/)
        assert.equal(none.length, 0)
      })
    }
  }
})
