import assert from 'node:assert/strict'
import { startConnect } from './support/connect.ts'

describe("The browser's cookie", () => {
  for (const { origin, expected } of [
    {
      origin: 'https://connect.example',
      expected:
        /^__Host-quilt-connect-[A-Za-z0-9_-]{6}=[A-Za-z0-9_-]{43}; path=\/; expires=[^;]+; samesite=lax; secure; httponly$/i,
    },
    {
      origin: 'http://localhost:4000',
      expected:
        /^quilt-connect-[A-Za-z0-9_-]{6}=[A-Za-z0-9_-]{43}; path=\/; expires=[^;]+; samesite=lax; httponly$/i,
    },
  ]) {
    it(`is for our host alone, and no script's, at ${origin}`, async () => {
      const connect = await startConnect({ settings: { CONNECT_ORIGIN: origin } })
      const client = await connect.client()
      const answer = await connect.get(client.authorizationUrl().slice(connect.origin.length))
      const cookies = answer.headers.getSetCookie()
      assert.equal(cookies.length, 1)
      assert.match(cookies[0] ?? '', expected)
      const [, expires = ''] = /expires=([^;]+)/.exec(cookies[0] ?? '') ?? []
      assert.ok(Math.abs(Date.parse(expires) - Date.now() - 600_000) < 5000)
    })
  }

  it('of a value that we did not issue is replaced', async () => {
    const connect = await startConnect()
    const client = await connect.client()
    const path = client.authorizationUrl().slice(connect.origin.length)
    const planted = 'A'.repeat(43)
    const answer = await connect.get(path, { cookie: `quilt-connect-planta=${planted}` })
    const [dropped = '', set = ''] = answer.headers.getSetCookie()
    assert.match(dropped, /^quilt-connect-planta=; path=\/; expires=Thu, 01 Jan 1970 /)
    assert.match(set, /^quilt-connect-[A-Za-z0-9_-]{6}=[A-Za-z0-9_-]{43};/)
    assert.ok(!set.includes(planted))
  })

  it('stays the same while the browser is known: many requests are one cookie', async () => {
    const connect = await startConnect()
    const client = await connect.client()
    const browser = connect.browser()
    const values = new Set<string | undefined>()
    for (let visit = 0; visit < 20; visit += 1) {
      await browser.open(client.authorizationUrl())
      values.add(
        browser.cookies.all('localhost').find(({ name }) => name.startsWith('quilt-connect-'))?.value,
      )
    }
    assert.equal(values.size, 1, [...values].join())
  })
})
