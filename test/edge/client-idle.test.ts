import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { RENDERED } from '../envoy/lint/rendered.ts'
import { loneEnvoy } from './support/lone-envoy.ts'

describe('An idle connection of a client', function () {
  it('is closed after a minute without a load balancer in front, with or without a request on it', async () => {
    const minute = 'idle_timeout: "60s"'
    const changes = [
      [minute, 'idle_timeout: "0.3s"'],
      // After it, a connection that was used stays open for what is on its way.
      ['request_timeout: 60s', 'request_timeout: 60s\n                drain_timeout: 0.1s'],
    ] as const
    const edge = await loneEnvoy(changes, { ENVOY_TRUSTED_HOPS: '0' })
    for (const sent of ['', `GET /healthz HTTP/1.1\r\nHost: ${edge.host}\r\n\r\n`]) {
      const socket = connect(Number(new URL(edge.origin).port), '127.0.0.1').resume()
      const closed = once(socket, 'close')
      socket.write(sent)
      await closed
    }
  })

  it('stays open longer than the load balancer in front keeps it', () => {
    assert.match(RENDERED, /idle_timeout: "4100s"/)
  })
})
