import assert from 'node:assert/strict'
import { json } from '../support/answer.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

/** Quilt's desktop application. Source: quilt-rs, auth.rs and oauth.rs (its registration, URL, retry and margins). */
describe('QuiltSync', () => {
  const REDIRECT_URI = 'quilt://auth/callback?host=demo.example.com'

  const connect = beforeAll(() => startConnect())

  async function register(redirectUri = REDIRECT_URI): Promise<TestClient> {
    const answer = await connect.register({
      client_name: 'QuiltSync',
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
    })
    assert.equal(answer.status, 201, answer.text)
    return new TestClient(connect.origin, { id: String(json(answer).client_id), redirectUri })
  }

  it('registers with three members, and again for another catalog', async () => {
    const [first, again] = [await register(), await register()]
    const other = await register('quilt://auth/callback?host=other.example.com')
    assert.equal(first.id, again.id)
    assert.notEqual(first.id, other.id)
  })

  it('returns with code and state to a redirect URI that has a query', async () => {
    const client = await register()
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl({ scope: 'platform' }))
    const page = await browser.press(consent, 'Continue')
    assert.ok(page.url.startsWith(`${REDIRECT_URI}&code=`), page.url)
    const { searchParams } = new URL(page.url)
    assert.equal(searchParams.get('host'), 'demo.example.com')
    assert.equal(searchParams.get('state'), client.state)
  })

  it('gets a refresh token without resource, and refreshes without scope', async () => {
    const client = await register()
    const first = tokensOf(await client.redeem(await codeFor(connect, client)))
    assert.ok(first.refresh_token)
    assert.ok(first.expires_in > 60, 'it refreshes a minute before')
    tokensOf(await client.refresh(first.refresh_token))
  })

  it('can repeat a refresh after an error, and stays signed in', async () => {
    const client = await register()
    const first = tokensOf(await client.redeem(await codeFor(connect, client)))
    const lost = tokensOf(await client.refresh(first.refresh_token))
    const retried = tokensOf(await client.refresh(first.refresh_token))
    assert.equal(retried.refresh_token, lost.refresh_token)
    tokensOf(await client.refresh(retried.refresh_token))
  })

  it('gets access_denied at the same redirect URI if the user cancels', async () => {
    const client = await register()
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const page = await browser.press(consent, 'Cancel')
    assert.ok(page.url.startsWith(`${REDIRECT_URI}&error=access_denied&`), page.url)
    assert.equal((await browser.press(consent, 'Cancel')).url, page.url)
  })
})
