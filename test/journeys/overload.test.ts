import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../deploy/demo/people.ts'
import { http2Session, pseudoHeaders } from '../edge/support/http2.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { until } from '../support/until.ts'
import { connectedUser } from './support/connected-user.ts'
import { recordedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

const MIB = 1_048_576
/** Less than the limit of a body, so that Envoy goes on waiting for the rest. */
const UNFINISHED_BYTES = 9 * MIB
const UPLOADS = 12

describe('One client’s uploads that never end', function () {
  this.timeout(60_000)

  const stack = beforeAll(() =>
    recordedStack({
      changeEnvoyConfig: (rendered) =>
        rendered.replace('max_heap_size_bytes: 402653184', `max_heap_size_bytes: ${80 * MIB}`),
    }),
  )
  const grace = beforeAll(() => connectedUser(stack, GRACE))

  it('are cut off over HTTP/2, and other requests continue', async () => {
    const ada = await connectedUser(stack, ADA, 'Read and change')
    const session = http2Session(stack.origin)
    closeAfterAll(() => session.destroy())
    const head = [
      ...pseudoHeaders(stack.origin, new URL(stack.mcpUrl).pathname, 'POST'),
      ...['authorization', `Bearer ${ada.accessToken}`, 'content-type', 'application/json'],
    ]
    let cut = 0
    for (let upload = 0; upload < UPLOADS; upload += 1) {
      const stream = session.request(head, { endStream: false })
      stream.on('error', () => (cut += 1))
      stream.resume()
      await new Promise((taken) => stream.write(Buffer.alloc(UNFINISHED_BYTES, ' '), taken))
      await until(async () => (await grace.ask()).status === 200, 'room for others')
    }
    assert.ok(cut > 0)
  })
})
