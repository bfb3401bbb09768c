import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import { parse } from 'yaml'
import { createHttpServer } from '../../consent-ui/http/http-server.ts'
import { RENDERED } from '../envoy/lint/rendered.ts'
import { edgeBetween } from './support/edge-between.ts'
import { beforeAll } from '../support/before-all.ts'

interface Rendered {
  readonly static_resources: { readonly clusters: readonly Cluster[] }
}
interface Cluster {
  readonly name: string
  readonly typed_extension_protocol_options: Readonly<
    Record<string, { readonly common_http_protocol_options: { readonly idle_timeout: string } }>
  >
}

describe('Connections of Envoy to the servers behind it', function () {
  const edge = beforeAll(() => edgeBetween({ entries: { platform: '  keepAliveSeconds: 1\n' } }))

  it('are closed by Envoy after the idle time in the entry of the service', async () => {
    const socket = nextConnection(edge.serviceServer)
    await edge.ask({ target: '/mcp' })
    const begun = performance.now()
    await once(await socket, 'close')
    assert.ok(performance.now() - begun < 3000)
  })

  it('are idle for 4 s at a service, and less than consent-ui keeps them', () => {
    assert.equal(idleSecondsOf('files'), 4)
    const { keepAliveTimeout, headersTimeout } = createHttpServer(() => undefined)
    assert.ok(idleSecondsOf('consent-ui') * 1000 < keepAliveTimeout)
    assert.ok(keepAliveTimeout < headersTimeout)
  })

  for (const [what, target] of [
    ['consent-ui', '/auth/token'],
    ['a service', '/mcp'],
  ] as const) {
    it(`that break during a POST answer it with 503 once, and the POST reaches ${what} once`, async () => {
      let received = 0
      const breakOff: RequestListener = (request) => {
        received += 1
        request.socket.destroy()
      }
      Object.assign(edge.behind, { consentUi: breakOff, service: breakOff })
      const lines = ['Content-Type: application/json', 'Content-Length: 2']
      const { status } = await edge.ask({ method: 'POST', target, lines, body: '{}' })
      assert.deepEqual([status, received], [503, 1])
    })
  }
})

async function nextConnection(server: Server): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket]
  return socket
}

function idleSecondsOf(name: string): number {
  const { clusters } = (parse(RENDERED, { maxAliasCount: -1 }) as Rendered).static_resources
  const cluster = clusters.find((each) => each.name === name)
  const [options] = Object.values(cluster?.typed_extension_protocol_options ?? {})
  return Number(options?.common_http_protocol_options.idle_timeout.replace('s', ''))
}
