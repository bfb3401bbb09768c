import assert from 'node:assert/strict'
import { rawHttp } from '../support/raw-http.ts'
import { startValkey } from '../support/store/valkey.ts'
import { startConnect } from './support/connect.ts'
import { beforeAll } from '../support/before-all.ts'

describe('A request with another host name', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  for (const host of ['evil.example', 'a@evil.example', 'evil.example:443', '[::1]', 'localhost', '/', '']) {
    it(`gets the same response: ${JSON.stringify(host)}`, async () => {
      const metadata = await rawHttp(connect.origin, [
        'GET /.well-known/oauth-authorization-server HTTP/1.1',
        `Host: ${host}`,
      ])
      assert.ok(metadata.includes(`{"issuer":"${connect.origin}",`), metadata)
      const refused = await rawHttp(connect.origin, [
        `GET ${pathOf(client.authorizationUrl({ resource: 'https://other.example' }))} HTTP/1.1`,
        `Host: ${host}`,
      ])
      assert.ok(refused.includes(`&iss=${encodeURIComponent(connect.origin)}`), refused)
      const asked = await rawHttp(connect.origin, [
        `GET ${pathOf(client.authorizationUrl())} HTTP/1.1`,
        `Host: ${host}`,
        `X-Forwarded-Host: evil.example`,
      ])
      assert.match(asked, /\r\nLocation: \/connect\/authorize\/[\w-]{43}\r\n/)
    })
  }

  it('is routed by path when its target is an absolute URL', async () => {
    const answer = await rawHttp(connect.origin, [
      'GET http://evil.example/.well-known/oauth-authorization-server HTTP/1.1',
      'Host: evil.example',
    ])
    assert.ok(answer.includes(`{"issuer":"${connect.origin}",`), answer)
  })

  it('gets links that stay on our host', async () => {
    const valkey = await startValkey()
    const lonely = await startConnect({ valkey })
    const url = (await lonely.client()).authorizationUrl()
    await valkey.kill()
    const answer = await rawHttp(lonely.origin, [
      `GET http://evil.example${pathOf(url)} HTTP/1.1`,
      'Host: evil.example',
    ])
    assert.match(answer, /^HTTP\/1\.1 503 /)
    assert.match(answer, /<a href="\/connect\/authorize\?/)
    assert.ok(!answer.includes('evil'))
  })

  for (const path of [
    '//evil.example/connect/authorize',
    '/connect/../auth/token',
    '/auth//token',
    '/\\evil.example',
  ]) {
    it(`gets 404 at ${path}`, async () => {
      const answer = await rawHttp(connect.origin, [`GET ${path} HTTP/1.1`, 'Host: localhost'])
      assert.match(answer, /^HTTP\/1\.1 404 /)
      assert.doesNotMatch(answer, /\r\nLocation:/i)
    })
  }
})

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}
