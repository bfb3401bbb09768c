import assert from 'node:assert/strict'
import { ask, type Answer, type HeaderFields } from '../support/answer.ts'
import { startConnect } from '../support/connect.ts'
import { openConsent, signIn } from '../support/person.ts'
import { dump, keysAddedBy } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('A HEAD request', () => {
  const connect = beforeAll(() => startConnect())

  async function head(url: string, headers: HeaderFields = {}): Promise<Answer> {
    return await ask(url, { method: 'HEAD', headers })
  }

  function assertNothing(answer: Answer): void {
    assert.equal(answer.status, 200)
    assert.equal(answer.text, '')
    assert.equal(answer.headers.get('location'), null)
    assert.deepEqual(answer.headers.getSetCookie(), [])
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
  }

  for (const path of ['/connect/authorize', '/authorize']) {
    it(`starts no transaction at ${path}`, async () => {
      const client = await connect.client()
      const { search } = new URL(client.authorizationUrl())
      const added = await keysAddedBy(connect.redis, async () => {
        assertNothing(await head(`${connect.origin}${path}${search}`))
        assertNothing(await head(`${connect.origin}${path}`))
      })
      assert.deepEqual(added, [])
    })
  }

  it('starts no sign-in and decides nothing at a transaction', async () => {
    const client = await connect.client()
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const before = await dump(connect.redis)
    assertNothing(await head(consent.url, { cookie: browser.cookies.header(connect.origin) }))
    assert.equal(await dump(connect.redis), before)
  })

  it('does not use up the sign-in at the callback', async () => {
    const client = await connect.client()
    const browser = connect.browser()
    const page = await browser.open(client.authorizationUrl())
    const callback = new URL(`${connect.origin}/connect/callback`)
    const [sent = ''] = page.visited.filter((url) => new URL(url).searchParams.has('nonce'))
    callback.searchParams.set('state', new URL(sent).searchParams.get('state') ?? '')
    assertNothing(await head(callback.href, { cookie: browser.cookies.header(connect.origin) }))
    assert.ok((await signIn(browser, page)).text.includes('Authorize Application'))
  })
})
