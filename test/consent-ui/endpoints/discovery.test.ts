import assert from 'node:assert/strict'
import { publicKeySet } from '../../../consent-ui/keys/signing-keys.ts'
import { json } from '../support/answer.ts'
import { startConnect } from '../support/connect.ts'
import { beforeAll } from '../../support/before-all.ts'

const PATHS = ['', '/mcp/platform/mcp', '/mcp/platform', '/mcp']
const SERVER_METADATA_URLS = ['oauth-authorization-server', 'openid-configuration'].flatMap((name) =>
  PATHS.flatMap((path) => [`/.well-known/${name}${path}`, `${path}/.well-known/${name}`]),
)
const JWKS_URL = '/auth/.well-known/jwks.json'
const METHODS = '["none","client_secret_basic","client_secret_post","private_key_jwt"]'

describe('The discovery documents', () => {
  const connect = beforeAll(() => startConnect())

  it('describe the authorization server', async () => {
    const o = connect.origin
    const expected =
      `{"issuer":"${o}","authorization_endpoint":"${o}/connect/authorize","token_endpoint":"${o}/auth/token",` +
      `"registration_endpoint":"${o}/auth/register","revocation_endpoint":"${o}/auth/revoke",` +
      `"jwks_uri":"${o}/auth/.well-known/jwks.json","scopes_supported":["platform","offline_access"],` +
      '"response_types_supported":["code"],"response_modes_supported":["query"],' +
      '"grant_types_supported":["authorization_code","refresh_token"],' +
      `"token_endpoint_auth_methods_supported":${METHODS},"token_endpoint_auth_signing_alg_values_supported":["RS256","ES256"],` +
      `"revocation_endpoint_auth_methods_supported":${METHODS},"revocation_endpoint_auth_signing_alg_values_supported":["RS256","ES256"],` +
      '"client_id_metadata_document_supported":true,' +
      '"code_challenge_methods_supported":["S256"],"authorization_response_iss_parameter_supported":true,' +
      '"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"]}'
    for (const url of SERVER_METADATA_URLS) {
      const answer = await connect.get(url)
      assert.equal(answer.status, 200, url)
      assert.equal(answer.text, expected, url)
    }
  })

  it('negative test, discovery: both forms: describe each protected resource as its own URL names it', async () => {
    for (const [path, resource] of [
      ['', '/mcp/platform'],
      ['/mcp/platform', '/mcp/platform'],
      ['/mcp/platform/mcp', '/mcp/platform/mcp'],
      ['/mcp', '/mcp'],
    ] as const) {
      const answer = await connect.get(`/.well-known/oauth-protected-resource${path}`)
      assert.equal(answer.status, 200, path)
      assert.equal(
        answer.text,
        `{"resource":"${connect.origin}${resource}","authorization_servers":["${connect.origin}"],` +
          '"scopes_supported":["platform"],"bearer_methods_supported":["header"],' +
          '"resource_name":"Quilt Platform MCP Server"}',
      )
    }
  })

  it('contain the public keys and nothing private', async () => {
    const answer = await connect.get(JWKS_URL)
    assert.deepEqual(json(answer), publicKeySet(connect.config.signingKeys))
    assert.doesNotMatch(answer.text, /"d"/)
  })

  it('negative test, discovery: content types: are JSON, cacheable for five minutes, whatever Accept says', async () => {
    for (const url of [...SERVER_METADATA_URLS, '/.well-known/oauth-protected-resource', JWKS_URL]) {
      const answer = await connect.get(url, { accept: 'text/event-stream', cookie: 'quilt-connect=x' })
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(answer.headers.get('cache-control'), 'public, max-age=300')
      assert.equal(answer.headers.get('vary'), 'Origin')
      assert.deepEqual(answer.headers.getSetCookie(), [])
    }
  })

  it('negative test, discovery: HEAD: answer HEAD like GET, without a body', async () => {
    const url = `${connect.origin}/.well-known/oauth-authorization-server`
    const head = await fetch(url, { method: 'HEAD' })
    const get = await fetch(url)
    assert.equal(head.status, 200)
    assert.equal(await head.text(), '')
    assert.equal(head.headers.get('content-length'), String((await get.text()).length))
  })

  it('negative test, discovery: issuer: take the issuer from the configuration, not from the request', async () => {
    const honest = await connect.get('/.well-known/openid-configuration')
    for (const headers of [
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', 'x-forwarded-port': '1' },
      { forwarded: 'host=evil.example;proto=http', 'x-original-url': '/evil', 'x-forwarded-prefix': '/evil' },
    ]) {
      assert.equal((await connect.get('/.well-known/openid-configuration', headers)).text, honest.text)
    }
  })

  it('negative test, discovery: no redirects, unknown documents: are 404 at unknown names, without a redirect', async () => {
    for (const url of [
      '/.well-known/oauth-protected-resource/mcp/other',
      '/.well-known/oauth-protected-resource/mcp/platform/mcp/mcp',
      '/.well-known/oauth-authorization-server/evil',
      '/.well-known/webfinger',
      '/',
      '/mcp/platform/mcp',
    ]) {
      assert.equal((await connect.get(url)).status, 404, url)
    }
  })

  it('name only endpoints that exist', async () => {
    const metadata = json(await connect.get('/.well-known/oauth-authorization-server'))
    const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name))
    assert.equal(endpoints.length, 5)
    for (const [name, url] of endpoints) {
      const answer = await fetch(String(url), { redirect: 'manual' })
      assert.ok([200, 400, 405].includes(answer.status), `${name}: ${answer.status}`)
    }
  })
})

describe('Connect without an allowed host', () => {
  it('has no endpoint except the health check', async () => {
    for (const hosts of ['', 'https://', ' , ']) {
      const connect = await startConnect({ settings: { CONNECT_ALLOWED_HOSTS: hosts } })
      assert.equal((await connect.get('/healthz')).status, 200)
      for (const url of ['/.well-known/oauth-authorization-server', '/connect/authorize', JWKS_URL]) {
        assert.equal((await connect.get(url)).status, 404, url)
      }
      for (const url of ['/auth/register', '/auth/token', '/auth/revoke', '/register', '/token']) {
        assert.equal((await connect.post(url, '')).status, 404, url)
      }
    }
  })
})
