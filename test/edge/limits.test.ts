import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { closeAfterAll } from '../support/close-after-all.ts'
import { until } from '../support/until.ts'
import { http1, http1Bytes } from './support/http1.ts'
import { loneEnvoy, type LoneEnvoy } from './support/lone-envoy.ts'
import { beforeAll } from '../support/before-all.ts'

const MAX_CONNECTIONS = 8

describe('Limits of Envoy, scaled down', function () {
  const edge = beforeAll(() =>
    loneEnvoy([
      ['max_active_downstream_connections: 20000', `max_active_downstream_connections: ${MAX_CONNECTIONS}`],
      ['request_headers_timeout: 10s', 'request_headers_timeout: 0.3s'],
      ['request_timeout: 60s', 'request_timeout: 0.3s'],
      [
        'max_tokens: 1000, tokens_per_fill: 500, fill_interval: 1s',
        'max_tokens: 3, tokens_per_fill: 3, fill_interval: 60s',
      ],
    ]),
  )

  it('end a request with endless headers', async () => {
    const { status } = await http1Bytes(edge.origin, `GET /healthz HTTP/1.1\r\nHost: ${edge.host}\r\nx-a: `)
    assert.equal(status, 408)
  })

  it('end a request with an endless body', async () => {
    const head = [
      `POST /auth/token HTTP/1.1`,
      `Host: ${edge.host}`,
      'Content-Length: 100',
      'X-Forwarded-For: 192.0.2.9',
    ]
    const { status } = await http1Bytes(edge.origin, `${head.join('\r\n')}\r\n\r\n{`)
    assert.equal(status, 408)
  })

  it('count each IPv4 address and each IPv6 /64 separately, and ignore forged addresses', async () => {
    const ask = async (forwardedFor: string): Promise<number> => {
      const lines = [`Host: ${edge.host}`, `X-Forwarded-For: ${forwardedFor}`]
      const answer = await http1(edge.origin, { method: 'OPTIONS', target: '/mcp', lines })
      if (answer.status === 429) assert.deepEqual(answer.headers.get('retry-after'), ['1'])
      return answer.status
    }
    for (const expected of [204, 204, 204, 429, 429]) assert.equal(await ask('192.0.2.1'), expected)
    assert.equal(await ask('192.0.2.2'), 204)
    // Only the last entry is of the load balancer; a client can write the others.
    assert.equal(await ask('198.51.100.7, 192.0.2.1'), 429)
    for (const host of ['1', '2', '3']) assert.equal(await ask(`2001:db8::${host}`), 204)
    assert.equal(await ask('2001:db8::4'), 429)
    assert.equal(await ask('2001:db8:0:1::4'), 204)
  })

  it('refuse connections above the maximum, and accept others after some have closed', async () => {
    const open: Socket[] = []
    closeAfterAll(() => {
      for (const socket of open) socket.destroy()
    })
    let gone = 0
    for (let at = 0; at < MAX_CONNECTIONS + 3; at += 1) {
      const socket = connect(Number(new URL(edge.origin).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.on('close', () => (gone += 1))
      socket.resume()
      open.push(socket)
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined)
    }
    // Envoy may not have noticed yet that earlier connections have closed.
    await until(() => gone >= 3, 'those that are too many')
    for (const socket of open) socket.destroy()
    // Envoy's own answer: no consent-ui runs here.
    await until(async () => (await http1(edge.origin, health(edge))).status === 503, 'room')
  })
})

function health({ host }: LoneEnvoy): { target: string; lines: readonly string[] } {
  return { target: '/healthz', lines: [`Host: ${host}`] }
}
