import assert from 'node:assert/strict'
import { json } from '../support/answer.ts'
import { TestClient } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, callbackOf, openConsent } from '../support/person.ts'
import { ALLOWED_HOSTS } from '../support/settings.ts'
import { keysAddedBy } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const REFUSED = { response_mode: 'fragment' }

describe('The authorization endpoint', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  it('redirects a valid request to the identity provider', async () => {
    const page = await connect.browser().open(client.authorizationUrl())
    assert.equal(page.status, 200)
    assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin))
  })

  it('is also at the root path, where some clients expect it', async () => {
    const page = await connect
      .browser()
      .open(client.authorizationUrl().replace('/connect/authorize', '/authorize'))
    assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin))
  })

  describe('shows a page and does not redirect a request', () => {
    for (const [when, change, words] of [
      ['without a client_id', { client_id: undefined }, 'No application named'],
      ['with an empty client_id', { client_id: '' }, 'No application named'],
      ['with an unknown client_id', { client_id: 'cli_evil.example' }, 'Unknown application'],
      ['without a redirect URI', { redirect_uri: undefined }, 'Invalid callback address'],
      [
        'negative test, authorize: unregistered redirect URI: with one on another host',
        { redirect_uri: 'https://evil.example/cb' },
        'Invalid callback address',
      ],
      [
        'negative test, authorize: prefix of a redirect URI: with a longer one',
        { redirect_uri: 'http://localhost:33418/callback/x' },
        'Invalid callback',
      ],
      [
        'negative test, authorize: suffix of a redirect URI: with one that only ends like it',
        { redirect_uri: 'http://evil.example/http://localhost:33418/callback' },
        'Invalid',
      ],
      [
        'negative test, authorize: userinfo in a redirect URI: with a user name in it',
        { redirect_uri: 'http://localhost:33418@evil.example/callback' },
        'Invalid callback',
      ],
      [
        'negative test, authorize: fragment in a redirect URI: with a fragment',
        { redirect_uri: 'http://localhost:33418/callback#x' },
        'Invalid callback address',
      ],
      [
        'negative test, authorize: path traversal in a redirect URI: with .. in the path',
        { redirect_uri: 'http://localhost:33418/a/../callback' },
        'Invalid callback address',
      ],
      [
        'negative test, authorize: another loopback path: with another path',
        { redirect_uri: 'http://localhost:33418/other' },
        'Invalid callback address',
      ],
      [
        'negative test, authorize: encoded redirect URI: with an encoded path',
        { redirect_uri: 'http://localhost:33418/call%62ack' },
        'Invalid callback address',
      ],
      [
        'with another scheme in the redirect URI',
        { redirect_uri: 'https://localhost:33418/callback' },
        'Invalid callback address',
      ],
      [
        'with a javascript: redirect URI',
        { redirect_uri: 'javascript:alert(1)' },
        'Invalid callback address',
      ],
    ] as const) {
      it(when, async () => {
        const page = await connect.browser().open(client.authorizationUrl(change))
        assert.equal(page.status, 400)
        assert.equal(page.headers.get('location'), null)
        assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
        assert.ok(page.text.includes(words), page.text)
        assert.ok(!page.text.includes('evil.example'))
      })
    }

    it('without a redirect URI if the client registered several', async () => {
      const uris = ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback']
      const { client_id: id } = json(await connect.register({ redirect_uris: uris }))
      const several = new TestClient(connect.origin, { id: String(id), redirectUri: uris[0] ?? '' })
      const page = await connect.browser().open(several.authorizationUrl({ redirect_uri: undefined }))
      assert.equal(page.status, 400)
      assert.ok(page.text.includes('Invalid callback address'))
    })

    it("with another client's redirect URI", async () => {
      const other = await connect.client('https://claude.ai/api/mcp/auth_callback')
      const page = await connect.browser().open(client.authorizationUrl({ redirect_uri: other.redirectUri }))
      assert.equal(page.status, 400)
    })

    for (const name of ['client_id', 'redirect_uri', 'state']) {
      it(`with ${name} twice`, async () => {
        const page = await connect.browser().open(`${client.authorizationUrl()}&${name}=y`)
        assert.equal(page.status, 400)
        assert.ok(page.text.includes(`${name} appears more than once`))
      })
    }

    it('whose redirect host the operator does not allow any more', async () => {
      const cursor = await connect.client('cursor://anysphere.cursor-mcp/oauth/callback')
      connect.redeploy({ CONNECT_ALLOWED_HOSTS: 'localhost' })
      const page = await connect.browser().open(cursor.authorizationUrl())
      connect.redeploy({ CONNECT_ALLOWED_HOSTS: ALLOWED_HOSTS })
      assert.equal(page.status, 400)
      assert.ok(page.text.includes('Callback address not allowed'))
      assert.ok(page.text.includes('CONNECT_ALLOWED_HOSTS'))
    })
  })

  describe('redirects to the client with error, state and issuer', () => {
    for (const [what, change, error] of [
      ['if response_type is missing', { response_type: undefined }, 'invalid_request'],
      [
        'negative test, authorize: response_type=token: for the implicit grant',
        { response_type: 'token' },
        'unsupported_response_type',
      ],
      ['for the hybrid flow', { response_type: 'code id_token' }, 'unsupported_response_type'],
      ['for the fragment mode', { response_mode: 'fragment' }, 'invalid_request'],
      ['for the form_post mode', { response_mode: 'form_post' }, 'invalid_request'],
      [
        'negative test, authorize: missing PKCE: if PKCE is missing',
        { code_challenge: undefined, code_challenge_method: undefined },
        'invalid_request',
      ],
      ['if the challenge is missing', { code_challenge: undefined }, 'invalid_request'],
      ['if the challenge has no method', { code_challenge_method: undefined }, 'invalid_request'],
      [
        'negative test, authorize: plain PKCE: for the method plain',
        { code_challenge_method: 'plain' },
        'invalid_request',
      ],
      ['if the challenge is not a hash', { code_challenge: 'short' }, 'invalid_request'],
      ['for an unknown resource', { resource: 'https://evil.example/mcp' }, 'invalid_target'],
      ['for a request object', { request: 'e30.e30.' }, 'request_not_supported'],
      ['for a request_uri', { request_uri: 'https://evil.example/r' }, 'request_uri_not_supported'],
      ['for a registration parameter', { registration: '{}' }, 'registration_not_supported'],
    ] as const) {
      it(what, async () => {
        const callback = callbackOf(await connect.browser().open(client.authorizationUrl(change)))
        const { searchParams } = callback
        assert.equal(callback.origin + callback.pathname, client.redirectUri)
        assert.equal(searchParams.get('error'), error)
        assert.equal(searchParams.get('state'), client.state)
        assert.equal(searchParams.get('iss'), connect.origin)
        assert.match(searchParams.get('error_description') ?? '', /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
        assert.deepEqual(searchParams.getAll('code'), [])
      })
    }

    for (const name of ['code_challenge', 'scope', 'response_type', 'prompt', 'unknown']) {
      it(`negative test, authorize: if ${name} appears twice`, async () => {
        const url = `${client.authorizationUrl({ [name]: 'x' })}&${name}=y`
        const { searchParams } = callbackOf(await connect.browser().open(url))
        assert.equal(searchParams.get('error'), 'invalid_request')
        assert.equal(searchParams.get('error_description'), `${name} appears more than once`)
        assert.equal(searchParams.get('state'), client.state)
      })
    }

    it('if there are different copies of resource', async () => {
      const [one, other] = ['/mcp', '/mcp/platform'].map((path) => encodeURIComponent(connect.origin + path))
      const url = `${client.authorizationUrl()}&resource=${one}&resource=${other}`
      const { searchParams } = callbackOf(await connect.browser().open(url))
      assert.equal(searchParams.get('error'), 'invalid_request')
    })
  })

  describe('accepts', () => {
    for (const [what, change] of [
      ['every scope', { scope: 'platform offline_access' }],
      ['an empty scope', { scope: '' }],
      [
        'negative test, authorize: unknown scope: a scope that the service does not have',
        { scope: 'platform admin' },
      ],
      ['only scopes that the service does not have', { scope: 'openid profile email' }],
      ['the resource as users type it', { resource: '/mcp/platform/mcp' }],
      ['the resource of the alias', { resource: '/mcp' }],
      ['a resource with a slash at its end', { resource: '/mcp/platform/' }],
      ['prompt=consent', { prompt: 'consent' }],
      ['unknown parameters', { nonce: 'x', max_age: '0', 'x[]': '<script>', login_hint: 'a@b' }],
      ['response_mode=query', { response_mode: 'query' }],
    ] as const) {
      it(what, async () => {
        const { resource, ...others } = { resource: undefined, ...change }
        const changes = {
          ...others,
          resource: resource === undefined ? undefined : connect.origin + resource,
        }
        const page = await connect.browser().open(client.authorizationUrl(changes))
        assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin), page.url)
      })
    }

    for (const redirectUri of [
      'https://claude.ai/api/mcp/auth_callback',
      'cursor://anysphere.cursor-mcp/cb',
    ]) {
      it(`no redirect URI if ${redirectUri} is the only one, and answers there`, async () => {
        const only = await connect.client(redirectUri)
        const browser = connect.browser()
        const consent = await openConsent(browser, only.authorizationUrl({ redirect_uri: undefined }))
        const callback = await approve(browser, consent)
        assert.ok(callback.href.startsWith(`${redirectUri}?`), callback.href)
        const code = callback.searchParams.get('code') ?? ''
        assert.equal((await only.redeem(code, { redirect_uri: undefined })).status, 200)
      })
    }

    it('equal copies of resource', async () => {
      const resource = encodeURIComponent(`${connect.origin}/mcp/platform/mcp`)
      const page = await connect
        .browser()
        .open(`${client.authorizationUrl()}&resource=${resource}&resource=${resource}`)
      assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin), page.url)
    })

    it('negative test, authorize: another loopback port: a loopback redirect URI with another port, and answers there', async () => {
      const portless = await connect.client('http://localhost/callback')
      const url = portless.authorizationUrl({ redirect_uri: 'http://localhost:51234/callback', ...REFUSED })
      const callback = callbackOf(await connect.browser().open(url))
      assert.equal(callback.origin + callback.pathname, 'http://localhost:51234/callback')
    })
  })

  for (const state of [
    'c3RhdGU+/w==',
    'a b+c',
    '%2B%25',
    '{"a":"ü😀"}',
    '&iss=https://evil&code=x',
    'x'.repeat(2000),
  ]) {
    it(`negative test, authorize: state round trip: returns the state unchanged: ${state.slice(0, 30)}`, async () => {
      const browser = connect.browser()
      const refused = callbackOf(await browser.open(client.authorizationUrl({ state, ...REFUSED })))
      const consent = await openConsent(browser, client.authorizationUrl({ state }))
      for (const callback of [refused, await approve(browser, consent)]) {
        assert.deepEqual(callback.searchParams.getAll('state'), [state])
        assert.deepEqual(callback.searchParams.getAll('iss'), [connect.origin])
      }
    })
  }

  it('returns no state if the client sent none', async () => {
    const browser = connect.browser()
    const refused = callbackOf(await browser.open(client.authorizationUrl({ state: undefined, ...REFUSED })))
    const consent = await openConsent(browser, client.authorizationUrl({ state: undefined }))
    for (const callback of [refused, await approve(browser, consent)]) {
      assert.ok(!callback.searchParams.has('state'))
    }
  })

  it('appends to the query of a redirect URI, which stays unchanged', async () => {
    const quiltSync = await connect.client('quilt://auth/callback?host=demo.example.com', 'QuiltSync')
    const page = await connect.browser().open(quiltSync.authorizationUrl(REFUSED))
    assert.match(page.url, /^quilt:\/\/auth\/callback\?host=demo\.example\.com&error=invalid_request&/)
  })

  it('stores nothing for a request that it refuses', async () => {
    const browser = connect.browser()
    const added = await keysAddedBy(connect.redis, async () => {
      await browser.open(client.authorizationUrl(REFUSED))
      await browser.open(client.authorizationUrl({ redirect_uri: 'https://evil.example/' }))
    })
    assert.deepEqual(added, [])
    assert.deepEqual(browser.cookies.all('localhost'), [])
  })
})
