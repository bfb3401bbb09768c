import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { decodeJwt } from 'jose'
import { SessionStore } from '../../../../core/sessions/session-store.ts'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { CollectedAudit } from '../../../core/audit/support/audit.ts'
import { beforeAll } from '../../../support/before-all.ts'
import { ask, json } from '../../support/answer.ts'
import { tokensOf, type Tokens } from '../../support/client.ts'
import { startConnect } from '../../support/connect.ts'
import { approve, cancel } from '../../support/person.ts'
import { assertError, CATALOG, catalogPage, startWithCatalog } from './support.ts'

describe('The hand-off from the catalog', () => {
  const audit = new CollectedAudit()
  const connect = beforeAll(() => startWithCatalog(audit))
  const client = beforeAll(() => connect.client())
  const { catalogToken, askConnect, handOver, openFromCatalog } = catalogPage(connect, client)

  async function connectedBy(token: string): Promise<Tokens> {
    const browser = connect.browser()
    const callback = await approve(browser, await openFromCatalog(browser, await handOver(token)))
    return tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
  }

  it('begins at the catalog, with the parameters of the client', async () => {
    const url = client.authorizationUrl()
    const answer = await ask(url, {})
    assert.equal(answer.status, 303)
    const location = new URL(answer.headers.get('location') ?? '')
    assert.equal(location.origin + location.pathname, `${CATALOG}/connect/authorize`)
    assert.deepEqual([...location.searchParams], [...new URL(url).searchParams])
  })

  it('shows the catalog the name of the client, and the user our consent page', async () => {
    const token = await catalogToken()
    const validated = await askConnect('validate', token)
    assert.deepEqual(json(validated), { client_name: 'Claude Code' })
    const browser = connect.browser()
    const page = await openFromCatalog(browser, await handOver(token))
    assert.ok(!page.text.includes('own_account'))
    assert.ok(page.text.includes(ADA.email), page.text)
    const callback = await approve(browser, page)
    assert.equal(callback.searchParams.get('state'), client.state)
    assert.equal(callback.searchParams.get('iss'), connect.origin)
    tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
    assert.deepEqual(audit.names().slice(-3), ['SignIn', 'ConsentGiven', 'SessionOpened'])
  })

  it('H02: counts in the first browser that opens it, and only once', async () => {
    const handle = await handOver(await catalogToken())
    const first = connect.browser()
    const page = await openFromCatalog(first, handle)
    const other = await openFromCatalog(connect.browser(), handle)
    assert.equal(other.status, 400)
    assert.ok(!other.text.includes(ADA.email))
    const elsewhere = await connect.browser().open(page.url)
    assert.equal(elsewhere.status, 400)
    assert.ok((await approve(first, page)).searchParams.has('code'))
  })

  it('H02: is over after a minute', async () => {
    const handle = await handOver(await catalogToken())
    await connect.passTime(61)
    assert.equal((await openFromCatalog(connect.browser(), handle)).status, 400)
  })

  for (const changes of [{ prompt: 'login' }, { prompt: 'select_account' }, { max_age: '60' }]) {
    const [[name, value] = []] = Object.entries(changes)
    it(`does not count where the client wants a new sign-in (${name}=${value}): a one-time code does`, async () => {
      const page = await connect.browser().open(client.authorizationUrl(changes))
      assert.ok(page.text.includes('quilt_code'), page.text)
      assertError(await askConnect('authorize', await catalogToken(), { changes }), 400, 'unexpected')
    })
  }

  it('does not count for prompt=none, as its page would be shown', async () => {
    const answer = await ask(client.authorizationUrl({ prompt: 'none' }), {})
    assert.match(answer.headers.get('location') ?? '', /error=login_required/)
    const changes = { prompt: 'none' }
    assertError(await askConnect('authorize', await catalogToken(), { changes }), 400, 'unexpected')
  })

  it('gives the session a token of its own: signing out of the catalog does not end it', async () => {
    const token = await catalogToken()
    const tokens = await connectedBy(token)
    const headers = { authorization: `Bearer ${token}` }
    await fetch(`${connect.organisation.registry.origin}/api/logout`, { method: 'POST', headers })
    assertError(await askConnect('validate', token), 401, 'unexpected')
    await connect.passTime(31)
    assert.equal((await client.refresh(tokens.refresh_token)).status, 200)
  })

  it('H04: opens no session that outlives the session at the catalog', async () => {
    const token = await catalogToken()
    const { sid } = decodeJwt((await connectedBy(token)).access_token)
    const session = await new SessionStore(connect.redis).find(String(sid))
    assert.ok((session?.expiresAt ?? Infinity) <= (decodeJwt(token).exp ?? 0))
  })

  it('logs the token out when the user cancels', async () => {
    const browser = connect.browser()
    const page = await openFromCatalog(browser, await handOver(await catalogToken()))
    const { registryProxy } = connect.organisation
    const own = registryProxy.lastCredential
    assert.equal((await cancel(browser, page)).searchParams.get('error'), 'access_denied')
    await registryProxy.loggedOut(own)
  })

  it('H03: answers 401 without a session at the catalog, and asks the Registry about no token that cannot be one', async () => {
    const tokens = await connectedBy(await catalogToken())
    const own = connect.organisation.registryProxy.lastCredential
    const unsigned = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from(JSON.stringify({ id: ADA.quilt.id, exp: connect.now() + 60 })).toString('base64url')}`
    const forged = `${unsigned}.${createHmac('sha256', 'guess').update(unsigned).digest('base64url')}`
    connect.organisation.registryProxy.forget()
    const refused = {
      'an API key': 'qk_0123456789abcdef0123456789abcdef',
      'our access token': tokens.access_token,
      'our refresh token': tokens.refresh_token,
      'a Quilt token that we obtained': own,
      ...respelled(own),
      'no token': '',
      'a token without an end': `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.e30.x`,
    }
    for (const [what, token] of Object.entries(refused)) {
      for (const path of ['validate', 'authorize'] as const) {
        assert.equal((await askConnect(path, token)).status, 401, what)
      }
    }
    assert.equal(connect.organisation.registryProxy.timesAsked('/api/me'), 0)
    assertError(await askConnect('authorize', forged), 401, 'unexpected')
  })

  it('H01: answers only pages of the catalog', async () => {
    const token = await catalogToken()
    for (const origin of ['https://evil.example', 'null', `${CATALOG}:8443`, '']) {
      const answer = await askConnect('authorize', token, { headers: { origin } })
      assertError(answer, 403, 'invalid_request')
      assert.equal(answer.headers.get('access-control-allow-origin'), null)
    }
    const answer = await askConnect('validate', token)
    assert.equal(answer.headers.get('access-control-allow-origin'), CATALOG)
  })

  const wrong: Record<string, [Readonly<Record<string, unknown>>, string]> = {
    'an unknown client': [{ client_id: 'unknown' }, 'invalid_client'],
    'no client': [{ client_id: undefined }, 'invalid_request'],
    'an unregistered redirect URI': [
      { redirect_uri: 'http://localhost:33418/other' },
      'invalid_redirect_uri',
    ],
    'the resource of another server': [{ resource: 'https://evil.example/mcp' }, 'invalid_resource'],
  }
  for (const [what, [changes, code]] of Object.entries(wrong)) {
    it(`refuses ${what} at both endpoints`, async () => {
      const token = await catalogToken()
      for (const path of ['validate', 'authorize'] as const) {
        assertError(await askConnect(path, token, { changes }), 400, code)
      }
    })
  }

  it('checks the rest of the request before it obtains a credential', async () => {
    const token = await catalogToken()
    connect.organisation.registryProxy.forget()
    const cases: [Readonly<Record<string, unknown>>, string][] = [
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ code_challenge: undefined }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ state: ['a', 'b'] }, 'invalid_request'],
      [{ request_uri: 'https://evil.example/r' }, 'unexpected'],
    ]
    for (const [changes, code] of cases) {
      assertError(await askConnect('authorize', token, { changes }), 400, code)
    }
    assert.equal(connect.organisation.registryProxy.timesAsked('/api/code'), 0)
  })

  it('takes JSON by POST only', async () => {
    const headers = { origin: CATALOG, 'content-type': 'application/x-www-form-urlencoded' }
    const form = await ask(`${connect.origin}/api/connect/authorize`, {
      method: 'POST',
      headers,
      body: 'a=b',
    })
    assertError(form, 400, 'invalid_request')
    const get = await ask(`${connect.origin}/api/connect/validate`, { headers: { origin: CATALOG } })
    assertError(get, 405, 'invalid_request')
  })

  for (const path of ['/api/me', '/api/code', '/api/token']) {
    it(`answers 503 while the Registry does not answer at ${path}`, async () => {
      const token = await catalogToken()
      connect.organisation.registryProxy.shut.add(path)
      const answer = await askConnect('authorize', token)
      connect.organisation.registryProxy.shut.clear()
      assertError(answer, 503, 'unexpected')
      assert.ok(answer.headers.has('retry-after'))
    })
  }

  it('refuses a deactivated user', async () => {
    const token = await catalogToken(GRACE)
    connect.organisation.deactivated.add(GRACE.quilt.name)
    assertError(await askConnect('authorize', token), 401, 'unexpected')
    connect.organisation.deactivated.clear()
  })

  it('leaves no token and no handle in the log', async () => {
    connect.lines.length = 0
    const token = await catalogToken()
    const handle = (await handOver(token)).split('/').at(-1) ?? ''
    await askConnect('authorize', token, { changes: { response_type: 'token' } })
    const log = connect.lines.join('\n')
    for (const secret of [token, handle, connect.organisation.registryProxy.lastCredential]) {
      assert.ok(secret.length > 20 && !log.includes(secret))
    }
  })
})

/** The same token to a lenient base64url decoder, as many JWT libraries have: padded, or with other unused bits. */
function respelled(token: string): Record<string, string> {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = ALPHABET.indexOf(token.at(-1) ?? '')
  const other = ALPHABET[last ^ 1] ?? ''
  return { 'the same, padded': `${token}=`, 'the same, spelled otherwise': token.slice(0, -1) + other }
}

describe('Without QUILT_CREDENTIAL_SOURCE=catalog', () => {
  const connect = beforeAll(() => startConnect())

  it('the endpoints of the hand-off are absent', async () => {
    for (const path of ['validate', 'authorize']) {
      const headers = { origin: CATALOG, 'content-type': 'application/json' }
      assert.equal((await connect.post(`/api/connect/${path}`, '{}', headers)).status, 404)
    }
  })
})
