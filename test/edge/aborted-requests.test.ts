import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server } from '@grpc/grpc-js'
import { unary } from '../../authz/envoy/grpc-handlers.ts'
import { boundedBy, listenForCalls } from '../../authz/envoy/grpc-server.ts'
import { loadAuthorization } from '../../proto/load.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { until } from '../support/until.ts'
import { loneEnvoy, type LoneEnvoy } from './support/lone-envoy.ts'

/** Node closes an HTTP/2 connection after a burst of 1000 resets (nghttp2, stream reset rate limit). */
const ABORTED = 1500
const AT_ONCE = 50

describe('clients that hang up while Envoy asks authz about them', function () {
  this.timeout(60_000)
  let edge: LoneEnvoy
  let begun = 0
  const released = Promise.withResolvers<object>()

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connect-aborted-'))
    const server = new Server(boundedBy(1_000_000))
    const check = (): Promise<object> => {
      begun += 1
      return released.promise
    }
    server.addService(loadAuthorization(), { Check: unary(check) })
    const listening = await listenForCalls(server, { path: join(folder, 'held.sock') })
    closeAfterAll(async () => {
      await listening.stop(0)
      await rm(folder, { recursive: true })
    })
    edge = await loneEnvoy([
      [/path: \S+authz\.sock"?/, `path: ${join(folder, 'held.sock')}`],
      [/timeout: 0\.5s/, 'timeout: 60s'],
      [/max_tokens: 1000,/, 'max_tokens: 100000,'],
    ])
  })

  it('do not fail the checks of other clients', async () => {
    const patient = await open(1)
    for (let aborted = 0; aborted < ABORTED; aborted += AT_ONCE) {
      const asked = await open(AT_ONCE)
      for (const socket of asked) socket.destroy()
    }
    const late = await open(1)
    // Without this decision Envoy takes the 401 for one of the service.
    const dynamic_metadata = { fields: { decision: { stringValue: 'deny' } } }
    released.resolve({ status: { code: 16 }, denied_response: { status: { code: 401 } }, dynamic_metadata })
    for (const socket of [...patient, ...late]) assert.match(await firstLine(socket), / 401 /)
  })

  /** Sends requests, and waits until authz has been asked about each. */
  async function open(count: number): Promise<Socket[]> {
    const expected = begun + count
    const sockets = Array.from({ length: count }, () => {
      const socket = connect(Number(new URL(edge.origin).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(
        `DELETE /mcp/platform/mcp HTTP/1.1\r\nHost: ${edge.host}\r\nAuthorization: Bearer a\r\n\r\n`,
      )
      return socket
    })
    await until(() => begun >= expected, 'the checks')
    return sockets
  }

  async function firstLine(socket: Socket): Promise<string> {
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return bytes.toString().split('\r\n')[0] ?? ''
  }
})
