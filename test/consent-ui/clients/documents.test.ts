import assert from 'node:assert/strict'
import { assertRefused, TestClient, tokensOf } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { assertDocumentRefused, documentClient, DOCUMENT_REDIRECT_URI } from '../support/document-clients.ts'
import { codeFor, openConsent, tokensFor } from '../support/person.ts'
import { startPublisher } from '../support/publisher.ts'
import { beforeAll } from '../../support/before-all.ts'

const MEMBER = 'https://vscode.dev/redirect'

describe('A client with a metadata document', () => {
  let connect: Connect

  const publisher = beforeAll(() => startPublisher())

  before(async () => {
    const settings = { CONNECT_CLIENT_HOSTS: publisher.host }
    connect = await startConnect({ reach: publisher.reach, settings })
  })

  it('connects at any loopback port, refreshes and revokes', async () => {
    const client = documentClient(connect, publisher.publishClient('/good'))
    const { refresh_token: refreshToken } = await tokensFor(connect, client)
    const renewed = tokensOf(await client.refresh(refreshToken))
    assert.equal((await client.revoke(renewed.refresh_token)).status, 200)
    assertRefused(await client.refresh(renewed.refresh_token), 'invalid_grant')
  })

  it('is shown with its name', async () => {
    const id = publisher.publishClient('/name', { client_name: 'A Published\u202eName' })
    const consent = await openConsent(connect.browser(), documentClient(connect, id).authorizationUrl())
    assert.ok(consent.text.includes('A Published Name'), consent.text)
  })

  describe('is refused for its URL', () => {
    for (const [what, path] of [
      ['negative test, client ID metadata document: http URL', (host: string) => `http://${host}/good`],
      [
        'negative test, client ID metadata document: URL without a path',
        (host: string) => `https://${host}/`,
      ],
      ['without even a slash', (host: string) => `https://${host}`],
      ['negative test, client ID metadata document: fragment', (host: string) => `https://${host}/good#x`],
      ['with a user name', (host: string) => `https://user@${host}/good`],
      ['with dot segments', (host: string) => `https://${host}/x/../good`],
      ['with encoded dot segments', (host: string) => `https://${host}/x/%2e%2e/good`],
      ['in upper case', (host: string) => `https://${host.toUpperCase()}/good`],
      ['with another scheme in upper case', (host: string) => `HTTPS://${host}/good`],
      ['at another port of its host', () => 'https://localhost:1/good'],
      ['at a host that is not named', () => 'https://evil.example/good'],
      ['at an address', () => 'https://127.0.0.1/good'],
      ['at an address in IPv6', () => 'https://[::1]/good'],
      ['at a host that ends alike', (host: string) => `https://evil${host}/good`],
    ] as const) {
      it(`${what}: nothing is fetched`, async () => {
        const before = publisher.asked.length
        await assertDocumentRefused(connect, path(publisher.host), 'url_refused')
        assert.equal(publisher.asked.length, before)
      })
    }
  })

  describe('is refused for its document', () => {
    for (const [what, changes] of Object.entries({
      'negative test, client ID metadata document: client_id mismatch': {
        client_id: 'https://localhost/other',
      },
      'a client_id with a slash more': { client_id: 'https://localhost/good/' },
      'no client_id': { client_id: undefined },
      'negative test, client ID metadata document: client_secret in it': { client_secret: 'x' },
      'a secret that does not expire': { client_secret_expires_at: 0 },
      'a method that takes a secret': { token_endpoint_auth_method: 'client_secret_post' },
      'only methods that take a secret': { token_endpoint_auth_method: ['client_secret_basic'] },
      'no name': { client_name: undefined },
      'no redirect URI': { redirect_uris: [] },
      'redirect URIs that are text': { redirect_uris: DOCUMENT_REDIRECT_URI },
      'grant types without ours': { grant_types: ['client_credentials'] },
      'response types without ours': { response_types: ['token'] },
      'a key without one': { token_endpoint_auth_method: 'private_key_jwt' },
      'a private key': {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: {
          keys: [{ kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43), d: 'd'.repeat(43) }],
        },
      },
      'keys at an address in clear': {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'http://localhost/jwks',
      },
    })) {
      it(`${what}: it is refused`, async () => {
        await assertDocumentRefused(
          connect,
          publisher.publishClient(`/${encodeURIComponent(what)}`, changes),
          400,
        )
      })
    }

    for (const [what, body] of Object.entries({ 'a list': '[]', null: 'null', text: '"x"' })) {
      it(`it is ${what}`, async () => {
        await assertDocumentRefused(connect, publisher.publish(`/shape-${what.replace(' ', '')}`, body), 400)
      })
    }
  })

  it('negative test, client ID metadata document: redirect URI not in it: gets no redirect', async () => {
    const id = publisher.publishClient('/redirects', { redirect_uris: [MEMBER] })
    for (const redirectUri of [DOCUMENT_REDIRECT_URI, `${MEMBER}/`, `${MEMBER}?x=y`]) {
      const client = new TestClient(connect.origin, { id, redirectUri })
      const page = await connect.browser().open(client.authorizationUrl())
      assert.equal(page.status, 400)
      assert.match(page.text, /Invalid callback address/)
    }
  })

  it('is refused with a redirect URI that the operator does not allow', async () => {
    const redirectUri = 'https://evil.example/cb'
    const id = publisher.publishClient('/elsewhere', { redirect_uris: [redirectUri] })
    const client = new TestClient(connect.origin, { id, redirectUri })
    const page = await connect.browser().open(client.authorizationUrl())
    assert.match(page.text, /Callback address not allowed/)
  })

  describe('connects with', () => {
    for (const [what, changes] of Object.entries({
      'negative test, client ID metadata document: list of methods': {
        token_endpoint_auth_method: undefined,
        token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      },
      'a list of methods beside the one': { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
      'a list for the one method': { token_endpoint_auth_method: ['none'] },
      'no method': { token_endpoint_auth_method: undefined },
      'null for what it leaves out': { token_endpoint_auth_method: null, jwks: null, grant_types: null },
      'a grant type that we do not support': {
        grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      },
      'unknown members': { logo_uri: 'javascript:alert(1)', anything: [{}] },
    })) {
      it(`${what}: it is used`, async () => {
        const client = documentClient(
          connect,
          publisher.publishClient(`/${encodeURIComponent(what)}`, changes),
        )
        tokensOf(await client.redeem(await codeFor(connect, client)))
      })
    }
  })
})
