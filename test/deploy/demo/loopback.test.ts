import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { loopbackAddress } from '../../../deploy/demo/loopback.ts'
import { start } from './support/start.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('A demo server', () => {
  const started = beforeAll(() => start(() => (_request, response) => void response.end('served')))

  async function ask(host: string): Promise<{ status: number | undefined; body: string }> {
    const outgoing = request({ host: '127.0.0.1', port: started.port, headers: { host } })
    outgoing.end()
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    return { status: response.statusCode, body: await text(response) }
  }

  it('serves requests whose Host is localhost or 127.0.0.1 with its port', async () => {
    for (const name of ['localhost', '127.0.0.1', 'LocalHost']) {
      assert.deepEqual(await ask(`${name}:${started.port}`), { status: 200, body: 'served' })
    }
  })

  it('returns 421 for any other Host, which stops DNS rebinding', async () => {
    const { port } = started
    for (const host of [
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost:${port + 1}`,
      'localhost',
      `user@localhost:${port}`,
    ]) {
      const { status, body } = await ask(host)
      assert.equal(status, 421, host)
      assert.match(body, /for this machine only/)
    }
  })

  it('may listen at 127.0.0.1 only', () => {
    assert.equal(loopbackAddress.safeParse('127.0.0.1:4000').success, true)
    for (const address of ['0.0.0.0:4000', 'localhost:4000', '[::]:4000', 'unix:/run/demo.sock']) {
      assert.equal(loopbackAddress.safeParse(address).success, false, address)
    }
  })
})
