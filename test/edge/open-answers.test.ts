import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server } from '@grpc/grpc-js'
import { bidiStream, unary, type Call } from '../../authz/envoy/grpc-handlers.ts'
import { boundedBy, listenForCalls } from '../../authz/envoy/grpc-server.ts'
import { SEND_BODY, replaceChunk, type ProcessingRequest } from '../../authz/envoy/processing.ts'
import { structOf } from '../../authz/envoy/stage-metadata.ts'
import { loadAuthorization, loadProcessor } from '../../proto/load.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { PLATFORM_ENTRY } from '../support/services.ts'
import { loneEnvoy, type LoneEnvoy } from './support/lone-envoy.ts'

/** More than Envoy has connections for checks (envoy.yaml, circuit breaker of the cluster authz). */
const STREAMS = 20

describe('answers that stream through the list filter', function () {
  let edge: LoneEnvoy

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connect-open-answers-'))
    const server = new Server(boundedBy(1_000_000))
    server.addService(loadAuthorization(), { Check: unary(allowToRead) })
    server.addService(loadProcessor(), { Process: bidiStream(passOn) })
    const listening = await listenForCalls(server, { path: join(folder, 'streams.sock') })
    const service = createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
    }).listen(0, '127.0.0.1')
    await once(service, 'listening')
    closeAfterAll(async () => {
      service.close()
      service.closeAllConnections()
      await listening.stop(0)
      await rm(folder, { recursive: true })
    })
    const { port } = service.address() as AddressInfo
    edge = await loneEnvoy(
      [
        [/path: \S+authz\.sock"?/g, `path: ${join(folder, 'streams.sock')}`],
        // Two checks for each request, so that each stream would be the last on a shared connection.
        [/max_requests_per_connection: 1000/g, 'max_requests_per_connection: 3'],
      ],
      { CONNECT_SERVICES: PLATFORM_ENTRY.replace(/127\.0\.0\.1:800\d/, `127.0.0.1:${port}`) },
    )
  })

  it('leave connections for the checks of other clients', async () => {
    const statuses: string[] = []
    const sockets = []
    for (let stream = 0; stream < STREAMS; stream += 1) {
      const socket = connect(Number(new URL(edge.origin).port), '127.0.0.1')
      sockets.push(socket)
      socket.write(`GET /mcp/platform/mcp HTTP/1.1\r\nHost: ${edge.host}\r\nAuthorization: Bearer a\r\n\r\n`)
      const [bytes] = (await once(socket, 'data')) as [Buffer]
      statuses.push(bytes.toString().slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
    }
    for (const socket of sockets) socket.destroy()
    assert.deepEqual(statuses, Array<string>(STREAMS).fill('200'))
  })
})

/** authz's answers to both checks for a session of access `read`. */
function allowToRead(_request: object, call: Call): Promise<object> {
  const findings =
    call.metadata('x-stage') === 'tool_access' ? { list: true } : { decision: 'allow', tool_access: 'needed' }
  return Promise.resolve({
    status: { code: 0 },
    ok_response: {},
    dynamic_metadata: structOf(findings),
  })
}

async function* passOn(requests: AsyncIterable<ProcessingRequest>): AsyncGenerator<object> {
  for await (const { response_body: body } of requests) {
    yield body === undefined ? SEND_BODY : replaceChunk(body.body ?? Buffer.alloc(0))
  }
}
