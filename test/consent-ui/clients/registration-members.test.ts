import assert from 'node:assert/strict'
import { exportJWK, generateKeyPair } from 'jose'
import { json, type Answer } from '../support/answer.ts'
import { assertRefused } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { beforeAll } from '../../support/before-all.ts'

const REDIRECT_URIS = ['https://claude.ai/api/mcp/auth_callback']
const EC = { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) }

/** URLs that a page must not load from, and one that it may. */
const PAGES = [
  'https://cdn.example.com/logo.png',
  'http://169.254.169.254/latest/meta-data/',
  'https://10.0.0.1/logo.png',
  'https://localhost/logo.png',
  'https://user:password@example.com/',
]

describe('A registration request', () => {
  const connect = beforeAll(() => startConnect())

  const send = (changes: object): Promise<Answer> =>
    connect.register({ redirect_uris: REDIRECT_URIS, ...changes })

  async function registered(changes: object): Promise<Record<string, unknown>> {
    const answer = await send(changes)
    assert.equal(answer.status, 201, answer.text)
    assert.ok(!answer.text.includes('null'))
    const { client_id: id, client_id_issued_at: issuedAt, ...others } = json(answer)
    assert.match(String(id), /^[A-Za-z0-9_-]{1,600}$/)
    assert.ok(Number.isInteger(issuedAt))
    return others
  }

  const PUBLIC = {
    redirect_uris: REDIRECT_URIS,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }

  for (const [what, changes] of Object.entries({
    'nothing else': {},
    'negative test, registration: no grant_types': { grant_types: undefined, response_types: undefined },
    'negative test, registration: only authorization_code': { grant_types: ['authorization_code'] },
    'negative test, registration: unknown fields': {
      software_statement: {},
      anything: [null, { a: 1 }],
      'x-y': '',
    },
    'negative test, registration: application_type web with cursor://': { application_type: 'web' },
    'a native application': { application_type: 'native' },
    'empty lists of types': { grant_types: [], response_types: [] },
    'unknown types beside ours': {
      grant_types: ['authorization_code', 'implicit'],
      response_types: ['code', 'token'],
    },
    'null for whatever it leaves out': {
      client_name: null,
      token_endpoint_auth_method: null,
      grant_types: null,
      response_types: null,
      application_type: null,
      scope: null,
      contacts: null,
      client_uri: null,
      logo_uri: null,
      policy_uri: null,
      tos_uri: null,
      jwks: null,
      jwks_uri: null,
    },
    'pages on the public network': {
      client_uri: 'https://claude.ai/',
      logo_uri: 'https://cdn.example.com/logo.png?x=y',
      policy_uri: 'https://www.example.com/privacy',
      tos_uri: 'https://example.com:8443/terms',
    },
    'a scope that there is not': { scope: 'openid everything' },
    'no method, as the Python SDK': {
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'platform',
    },
    'an id and a secret of its own making': { client_id: 'mine', client_secret: 'mine' },
  })) {
    it(`with ${what} gets a full response and no secret`, async () => {
      const cursor = what.includes('cursor') ? { redirect_uris: ['cursor://x/callback'] } : {}
      assert.deepEqual(await registered({ ...changes, ...cursor }), { ...PUBLIC, ...cursor })
    })
  }

  for (const method of ['client_secret_basic', 'client_secret_post']) {
    it(`for ${method} gets a secret that does not expire`, async () => {
      const { client_secret: secret, ...others } = await registered({ token_endpoint_auth_method: method })
      assert.match(String(secret), /^[A-Za-z0-9_-]{43}$/)
      const expected = { ...PUBLIC, token_endpoint_auth_method: method, client_secret_expires_at: 0 }
      assert.deepEqual(others, expected)
    })
  }

  it('for private_key_jwt gets its keys back and no secret', async () => {
    const { publicKey } = await generateKeyPair('ES256')
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'a' }] }
    const method = { token_endpoint_auth_method: 'private_key_jwt' }
    assert.deepEqual(await registered({ ...method, jwks }), { ...PUBLIC, ...method, jwks })
    const address = { jwks_uri: 'https://claude.ai/jwks.json' }
    assert.deepEqual(await registered({ ...method, ...address }), { ...PUBLIC, ...method, ...address })
  })

  describe('is refused for', () => {
    for (const [member, values] of Object.entries({
      client_name: [{}, 7, ['x'], true],
      token_endpoint_auth_method: ['client_secret_jwt', 'tls_client_auth', '', 'None', ['none'], 7],
      token_endpoint_auth_signing_alg: ['HS256', 'none', 7],
      grant_types: ['authorization_code', ['implicit'], ['client_credentials'], [7], {}],
      response_types: ['code', ['token'], ['id_token'], [7], {}],
      jwks: [
        'x',
        {},
        { keys: [] },
        { keys: 'x' },
        { keys: [{ kty: 'oct', k: 'x' }] },
        { keys: [{ ...EC, d: 'x' }] },
        { keys: [EC, { ...EC, d: 'x' }] },
        { keys: [EC, { kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'x' }] },
        { keys: Array(6).fill(EC) },
      ],
      jwks_uri: ['http://claude.ai/jwks', 'https://evil.example/jwks', 'https://user@claude.ai/jwks', 'x', 7],
    })) {
      it(`an invalid ${member}`, async () => {
        for (const value of values) {
          const answer = await send({ [member]: value })
          assertRefused(answer, 'invalid_client_metadata')
          assert.match(String(json(answer).error_description), new RegExp(`^${member} `))
        }
      })
    }

    it('jwks beside jwks_uri, and private_key_jwt without keys', async () => {
      const both = { jwks: { keys: [EC] }, jwks_uri: 'https://claude.ai/jwks' }
      assertRefused(await send(both), 'invalid_client_metadata')
      assertRefused(await send({ token_endpoint_auth_method: 'private_key_jwt' }), 'invalid_client_metadata')
    })

    it('keys that are too weak or too long, with a description that says what to do', async () => {
      const rsa = (length: number) => ({ keys: [{ kty: 'RSA', n: 'n'.repeat(length), e: 'AQAB' }] })
      const method = { token_endpoint_auth_method: 'private_key_jwt' }
      assertRefused(await send({ ...method, jwks: rsa(171) }), 'invalid_client_metadata')
      const answer = await send({ ...method, jwks: rsa(683) })
      assertRefused(answer, 'invalid_client_metadata')
      assert.match(String(json(answer).error_description), /jwks_uri instead of jwks$/)
    })

    for (const uri of [
      'javascript:alert(1)',
      'javascript://claude.ai/%0aalert(1)',
      'data:text/html,x',
      'vbscript://x/y',
      'file:///etc/passwd',
      'blob:https://claude.ai/x',
      'view-source:https://claude.ai/',
    ]) {
      it(`negative test, registration: javascript: and data:: ${uri}`, async () => {
        assertRefused(await send({ redirect_uris: [uri] }), 'invalid_redirect_uri')
      })
    }

    for (const uri of [
      'https://*.benchling.com/cb',
      'https://*/cb',
      'http://claude.ai/cb',
      'http://10.0.0.1/cb',
      'http://localhost.evil.example/cb',
      'http://127.0.0.1.evil.example/cb',
    ]) {
      it(`C04: the redirect URI ${uri}`, async () => {
        assertRefused(await send({ redirect_uris: [uri] }), 'invalid_redirect_uri')
      })
    }
  })

  describe('leaves out', () => {
    const ODD = ['', 7, {}, ['x'], 'javascript:alert(1)', 'data:text/html,<script>alert(1)</script>']
    for (const [member, values] of Object.entries({
      ...Object.fromEntries(['logo_uri', 'policy_uri', 'tos_uri', 'client_uri'].map((name) => [name, PAGES])),
      application_type: ['native', 'service'],
      scope: ['platform', ['platform'], 'openid everything'],
      contacts: ['ada@example.com', ['ada@example.com']],
      software_version: ['1'],
    })) {
      it(`C03: ${member}, whatever its value`, async () => {
        const name = { client_name: 'With and without' }
        const without = json(await send(name))
        for (const value of [...ODD, ...values]) {
          const answer = await send({ ...name, [member]: value })
          assert.deepEqual(
            { ...json(answer), client_id_issued_at: 0 },
            { ...without, client_id_issued_at: 0 },
          )
        }
      })
    }

    it('unsupported keys beside a supported one', async () => {
      const method = { token_endpoint_auth_method: 'private_key_jwt' }
      const others = [
        { kty: 'OKP', crv: 'Ed25519', x: 'x' },
        { kty: 'EC', crv: 'P-384', x: 'x', y: 'y' },
        {},
        7,
      ]
      const { jwks } = await registered({ ...method, jwks: { keys: [...others, EC, ...others] } })
      assert.deepEqual(jwks, { keys: [EC] })
      assertRefused(await send({ ...method, jwks: { keys: others } }), 'invalid_client_metadata')
    })
  })
})
