import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2'
import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { ADA, GRACE } from '../../deploy/demo/people.ts'
import { http2Session, pseudoHeaders } from '../edge/support/http2.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { connectedUser, type ConnectedUser } from './support/connected-user.ts'
import { sharedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

const STREAMS_OF_A_CONNECTION = 100
/** More than Envoy lets through to a service unless it is told otherwise (1,024). */
const MANY = 1100
/** That one person may have in the list filter (open-answers.ts). */
const MAX_LISTENING = 128

/** Each GET is a stream that stays open; whatever is posted is answered. */
const service: RequestListener = (request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': welcome\n\n')
    return
  }
  void text(request).then(() => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"jsonrpc":"2.0","id":1,"result":{}}')
  })
}

const AT_ONCE = 20

describe('Streams that one client keeps open', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack(service))
  const grace = beforeAll(() => connectedUser(stack, GRACE, 'Read only'))

  /** So many, a connection after the other, and few at once, as a busy machine has half a second for each. */
  async function listen(user: ConnectedUser, count: number): Promise<readonly number[]> {
    const statuses: number[] = []
    while (statuses.length < count) {
      const session = http2Session(stack.origin)
      closeAfterAll(() => session.destroy())
      const last = Math.min(count, statuses.length + STREAMS_OF_A_CONNECTION)
      while (statuses.length < last) {
        const many = Math.min(AT_ONCE, last - statuses.length)
        statuses.push(...(await Promise.all(Array.from({ length: many }, () => openStream(session, user)))))
      }
    }
    return statuses
  }

  async function openStream(session: ClientHttp2Session, user: ConnectedUser): Promise<number> {
    const target = new URL(stack.mcpUrl).pathname
    const headers = ['authorization', `Bearer ${user.accessToken}`, 'accept', 'text/event-stream']
    const stream = session.request([...pseudoHeaders(stack.origin, target), ...headers])
    stream.on('error', () => undefined)
    stream.resume()
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    return Number(answer[':status'])
  }

  const asks = async (user: ConnectedUser): Promise<number> => (await user.ask()).status

  it('of read-only sessions are limited, and leave the list filter to others', async () => {
    const ada = await connectedUser(stack, ADA, 'Read only')
    const statuses = await listen(ada, MAX_LISTENING + 10)
    assert.equal(statuses.filter((status) => status === 200).length, MAX_LISTENING)
    assert.equal(statuses.filter((status) => status === 503).length, 10)
    assert.deepEqual(await listen(grace, 1), [200])
    assert.equal(await asks(grace), 200)
  })

  it('may exceed a thousand without other users being refused', async () => {
    const ada = await connectedUser(stack, ADA, 'Read and change')
    const statuses = await listen(ada, MANY)
    assert.deepEqual(new Set(statuses), new Set([200]))
    assert.deepEqual(await listen(grace, 1), [200])
    assert.equal(await asks(grace), 200)
  })
})
