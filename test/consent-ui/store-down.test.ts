import assert from 'node:assert/strict'
import { until } from '../support/until.ts'
import { startValkey } from '../support/store/valkey.ts'
import { assertRefused, tokensOf, type Tokens } from './support/client.ts'
import { startConnect } from './support/connect.ts'
import { codeFor, openConsent, tokensFor } from './support/person.ts'
import { beforeAll } from '../support/before-all.ts'

describe('While the store', () => {
  let code: string
  let tokens: Tokens

  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey }))
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    code = await codeFor(connect, client)
    tokens = await tokensFor(connect, client)
  })

  async function assertEndpointsSaySo(): Promise<void> {
    for (const ask of [
      () => client.redeem(code),
      () => client.refresh(tokens.refresh_token),
      () => client.revoke(tokens.refresh_token),
      () => client.revoke(tokens.access_token),
    ]) {
      const answer = await ask()
      assertRefused(answer, 'temporarily_unavailable', 503)
      assert.equal(answer.headers.get('retry-after'), '5')
    }
  }

  async function assertTheRestWorks(): Promise<void> {
    for (const path of [
      '/healthz',
      '/.well-known/oauth-authorization-server',
      '/.well-known/oauth-protected-resource/mcp/platform/mcp',
      '/auth/.well-known/jwks.json',
    ]) {
      assert.equal((await connect.get(path)).status, 200, path)
    }
    assert.equal((await connect.register({ redirect_uris: ['http://localhost/cb'] })).status, 201)
    assertRefused(await client.token({ client_id: 'x' }), 'invalid_client', 401)
    const refused = await connect.browser().open(client.authorizationUrl({ response_mode: 'x' }))
    assert.equal(new URL(refused.url).searchParams.get('error'), 'invalid_request')
  }

  describe('is killed', () => {
    beforeEach(async () => {
      await valkey.kill()
      await until(() => connect.redis.status !== 'ready', 'the lost connection')
    })

    afterEach(async () => {
      await valkey.restart()
      await until(() => connect.redis.status === 'ready', 'the connection')
    })

    it('the endpoints answer 503 with Retry-After, never that a token is bad', assertEndpointsSaySo)

    it('everything that needs no store works', assertTheRestWorks)

    it('the authorization endpoint answers with a page that leads back to itself', async () => {
      const url = client.authorizationUrl()
      const page = await connect.browser().open(url)
      assert.equal(page.status, 503)
      assert.equal(page.headers.get('retry-after'), '5')
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
      assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
      const [, href = ''] = /<a href="([^"]*)">Try again<\/a>/.exec(page.text) ?? []
      assert.equal(connect.origin + href.replaceAll('&#38;', '&'), url)
      assert.deepEqual(page.headers.getSetCookie(), [])
    })

    it('the pages of connected applications and of signing out say so, and lead back to themselves', async () => {
      for (const path of ['/connect/apps', '/connect/signout']) {
        const page = await connect.get(path, { cookie: 'quilt-connect-abcdef=x' })
        assert.equal(page.status, 503)
        assert.ok(page.text.includes(`<a href="${path}">Try again</a>`))
        assert.deepEqual(page.headers.getSetCookie(), [])
      }
    })

    it('the callback of a sign-in can be tried again when it is back', async () => {
      const path = '/connect/callback?code=x&state=y'
      const answer = await connect.get(path)
      assert.equal(answer.status, 503)
      assert.ok(answer.text.includes('/connect/callback?code=x&#38;state=y'))
    })
  })

  it('hangs, everything answers the same within moments', async () => {
    valkey.pause()
    const began = performance.now()
    await assertEndpointsSaySo()
    assert.ok(performance.now() - began < 8000)
    await assertTheRestWorks()
    valkey.resume()
    await until(async () => (await client.refresh(tokens.refresh_token)).status === 200, 'the store')
  })

  it('is back, codes, tokens and pages go on as if nothing had been', async () => {
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    await valkey.restart()
    await until(() => connect.redis.status === 'ready', 'the connection')
    tokensOf(await client.redeem(code))
    tokensOf(await client.refresh(tokens.refresh_token))
    assert.equal((await browser.press(consent, 'Continue')).status, 303)
  })

  it('says nothing of what failed but to the log', async () => {
    await valkey.kill()
    await until(() => connect.redis.status !== 'ready', 'the lost connection')
    const answer = await client.redeem(code)
    const page = await connect.get(new URL(client.authorizationUrl()).pathname + '/unknown', {
      cookie: 'quilt-connect=x',
    })
    for (const text of [answer.text, page.text])
      assert.doesNotMatch(text, /redis|valkey|stream|ECONN|sock|\.ts/i)
    assert.ok(connect.lines.some((line) => line.includes('request failed: unavailable')))
    await valkey.restart()
    await until(() => connect.redis.status === 'ready', 'the connection')
  })
})
