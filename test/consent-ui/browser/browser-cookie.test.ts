import assert from 'node:assert/strict'
import { startConnect } from '../support/connect.ts'
import { beforeAll } from '../../support/before-all.ts'

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
    it(`is sent only to our host and hidden from scripts at ${origin}`, async () => {
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

  it('is replaced if we did not issue its value', async () => {
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

  it('stays the same over many requests of one browser', async () => {
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

describe('Made-up cookies with our prefix', () => {
  const MAX_COOKIES = 8
  const MAX_CLEARED = 16
  let path: string

  const connect = beforeAll(() => startConnect())

  before(async () => {
    path = (await connect.client()).authorizationUrl().slice(connect.origin.length)
  })

  function madeUp(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `quilt-connect-${String(index).padStart(6, '0')}=x`)
  }

  /** Begins an authorization request: the cookie and the next page. */
  async function begun(): Promise<{ cookie: string; page: string }> {
    const { headers } = await connect.get(path)
    const [cookie = ''] = (headers.getSetCookie()[0] ?? '').split(';')
    return { cookie, page: headers.get('location') ?? '' }
  }

  it('are cleared sixteen per response until eight cookies are left', async () => {
    const { cookie, page } = await begun()
    const jar = new Set(madeUp(80).map((pair) => pair.split('=')[0] ?? ''))
    for (let load = 0; load < 5; load += 1) {
      const header = [...[...jar].map((name) => `${name}=x`), cookie].join('; ')
      const { status, headers } = await connect.get(page, { cookie: header })
      assert.equal(status, 303)
      const cleared = headers.getSetCookie()
      assert.ok(cleared.length <= MAX_CLEARED, `${cleared.length} Set-Cookie headers`)
      for (const text of cleared) assert.ok(jar.delete(text.split('=')[0] ?? ''), text)
    }
    assert.equal(jar.size, MAX_COOKIES - 1)
  })

  it('are cleared sixteen per response on the first page of a flow and at a sign-out', async () => {
    const cookie = madeUp(80).join('; ')
    for (const asked of [path, '/connect/apps']) {
      assert.equal(
        (await connect.get(asked, { cookie })).headers.getSetCookie().length,
        MAX_CLEARED + 1,
        asked,
      )
    }
    const signedOut = await connect.post('/connect/signout', {}, { cookie, origin: connect.origin })
    assert.equal(signedOut.status, 200)
    assert.equal(signedOut.headers.getSetCookie().length, MAX_CLEARED)
  })

  it('are cleared at a sign-out after our own cookies', async () => {
    const { cookie } = await begun()
    const question = await connect.get('/connect/signout', { cookie })
    const [, csrf_token = ''] = /name="csrf_token" value="([^"]+)"/.exec(question.text) ?? []
    const all = [...madeUp(40), cookie].join('; ')
    const headers = { cookie: all, origin: connect.origin }
    const cleared = (await connect.post('/connect/signout', { csrf_token }, headers)).headers.getSetCookie()
    const [name = ''] = cookie.split('=')
    assert.ok(cleared.some((text) => text.startsWith(`${name}=;`)))
  })

  it('of another length are neither read nor cleared', async () => {
    const { cookie, page } = await begun()
    const strange = Array.from({ length: 40 }, (_, index) => `quilt-connect-${index}-of-another-program=x`)
    const { status, headers } = await connect.get(page, { cookie: [cookie, ...strange].join('; ') })
    assert.equal(status, 303)
    assert.deepEqual(headers.getSetCookie(), [])
  })

  it('cause no RegExp for a cookie’s name, which koa would keep forever', async () => {
    const original = globalThis.RegExp
    const compiled: string[] = []
    globalThis.RegExp = class extends original {
      constructor(pattern: RegExp | string, flags?: string) {
        super(pattern, flags)
        compiled.push(String(pattern))
      }
    } as RegExpConstructor
    try {
      const { cookie, page } = await begun()
      await connect.get(page, { cookie: [...madeUp(20), cookie].join('; ') })
    } finally {
      globalThis.RegExp = original
    }
    assert.deepEqual(
      compiled.filter((pattern) => pattern.includes('quilt-connect')),
      [],
    )
  })
})
