import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { ask, json } from '../support/answer.ts'
import { assertRefused } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { keysAddedBy } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const METADATA = { client_name: 'Claude Code', redirect_uris: ['http://localhost:33418/callback'] }

describe('Registration', () => {
  const connect = beforeAll(() => startConnect())

  it('returns 201 with what was registered and no null member', async () => {
    const answer = await connect.register({ ...METADATA, application_type: 'native', scope: 'platform' })
    assert.equal(answer.status, 201)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const { client_id: clientId, client_id_issued_at: issuedAt, ...registered } = json(answer)
    assert.match(String(clientId), /^[A-Za-z0-9_-]{1,600}$/)
    assert.ok(Number.isInteger(issuedAt) && Math.abs(Number(issuedAt) - connect.now()) <= 1)
    assert.deepEqual(registered, {
      client_name: 'Claude Code',
      redirect_uris: METADATA.redirect_uris,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    })
  })

  it('gives the same client the same client_id each time', async () => {
    const [one, other] = [await connect.register(METADATA), await connect.register(METADATA)]
    assert.equal(json(one).client_id, json(other).client_id)
  })

  it('is also served at the root, where some clients look', async () => {
    const answer = await connect.post('/register', JSON.stringify(METADATA), JSON_TYPE)
    assert.equal(answer.status, 201)
  })

  for (const [who, redirectUris] of Object.entries({
    QuiltSync: ['quilt://auth/callback?host=demo.example.com'],
    Cursor: [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'http://localhost:8787/callback',
    ],
    Claude: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
    Databricks: ['https://oregon.cloud.databricks.com/login/oauth/http.html'],
    Benchling: ['https://tenant.benchling.com/1/api/llm/mcp/oauth/callback'],
    ChatGPT: ['https://chatgpt.com/connector_platform_oauth_redirect'],
    OpenCode: ['http://127.0.0.1:19876/mcp/oauth/callback'],
  })) {
    it(`accepts what ${who} sends`, async () => {
      const answer = await connect.register({
        client_name: who,
        redirect_uris: redirectUris,
        token_endpoint_auth_method: 'none',
        application_type: 'web',
      })
      assert.equal(answer.status, 201, answer.text)
      assert.deepEqual(json(answer).redirect_uris, redirectUris)
    })
  }

  it("leaves out VS Code's redirect URIs that the operator does not allow", async () => {
    const allowed = ['https://vscode.dev/redirect', 'http://127.0.0.1/', 'http://127.0.0.1:33418/']
    const answer = await connect.register({
      client_name: 'Visual Studio Code',
      redirect_uris: ['https://insiders.vscode.dev/redirect', ...allowed],
    })
    assert.deepEqual(json(answer).redirect_uris, allowed)
  })

  it('accepts a client without a name', async () => {
    const answer = await connect.register({ redirect_uris: METADATA.redirect_uris })
    assert.equal(answer.status, 201)
    assert.ok(!('client_name' in json(answer)))
  })

  it('negative test, registration: a thousand clients: answers all and stores none', async () => {
    const ids = new Set<unknown>()
    const added = await keysAddedBy(connect.redis, async () => {
      for (let index = 0; index < 1000; index += 1) {
        ids.add(json(await connect.register({ ...METADATA, client_name: `Client ${index}` })).client_id)
      }
    })
    assert.equal(ids.size, 1000)
    assert.deepEqual(added, [])
  })

  it('negative test, registration: replay after a restart: knows a client after Redis was flushed', async () => {
    const client = await connect.client()
    await connect.redis.flushall()
    connect.redeploy({})
    const answer = await connect.browser().open(client.authorizationUrl())
    assert.ok(answer.url.startsWith(connect.organisation.identityProvider.origin))
  })

  for (const [what, redirectUris] of Object.entries({
    'javascript:': ['javascript:alert(1)'],
    'javascript: in the form of a URL': ['javascript://claude.ai/%0aalert(1)'],
    'data:': ['data:text/html,<script>alert(1)</script>'],
    'negative test, authorize: http beyond loopback: plain http beyond this computer': [
      'http://claude.ai/callback',
    ],
    'another host': ['https://evil.example/callback'],
    'a wildcard': ['https://*.benchling.com/callback', 'https://*/cb'],
    'a user name': ['https://claude.ai@evil.example/cb'],
    'no URI': [''],
  })) {
    it(`refuses ${what}`, async () => {
      assertRefused(await connect.register({ redirect_uris: redirectUris }), 'invalid_redirect_uri')
    })
  }

  describe('refuses a body', () => {
    const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
      ask(`${connect.origin}/auth/register`, { method: 'POST', body, headers })

    for (const [what, body] of Object.entries({
      'that is empty': '',
      'that is no JSON': '{"redirect_uris":',
      'that is text in JSON': '"redirect_uris"',
      'that is null': 'null',
      'that is a list': JSON.stringify([METADATA]),
      'that sets a prototype': '{"redirect_uris":["http://localhost/cb"],"__proto__":{"a":1}}',
      'that is nested deeply': `{"redirect_uris":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      'with a name that is an object': JSON.stringify({ ...METADATA, client_name: { a: 1 } }),
    })) {
      it(what, async () => {
        const answer = await send(body, JSON_TYPE)
        assert.equal(answer.status, 400, answer.text)
        assert.match(String(json(answer).error), /^invalid_/)
      })
    }

    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json-patch+json',
      ';',
      '/',
    ]) {
      it(`of the type ${type}`, async () => {
        assertRefused(await send(JSON.stringify(METADATA), { 'content-type': type }), 'invalid_request')
      })
    }

    it('negative test, registration: 64 KB body: that is larger is refused', async () => {
      const answer = await send(JSON.stringify({ ...METADATA, x: 'x'.repeat(65_536) }), JSON_TYPE)
      assertRefused(answer, 'invalid_request', 413)
    })

    it('with members that are too long together', async () => {
      const uris = Array.from({ length: 10 }, (_, index) => `http://localhost/${index}${'x'.repeat(100)}`)
      assertRefused(await connect.register({ redirect_uris: uris }), 'invalid_client_metadata')
    })

    it('in an unknown character set', async () => {
      const answer = await send(JSON.stringify(METADATA), {
        'content-type': 'application/json; charset=nonsense',
      })
      assert.ok(answer.status < 500, String(answer.status))
    })

    it('that is compressed or claims to be', async () => {
      for (const body of [
        gzipSync(JSON.stringify(METADATA)),
        gzipSync('x'.repeat(1_000_000)),
        Buffer.from('{}'),
      ]) {
        for (const encoding of ['gzip', 'br', 'deflate', 'nonsense']) {
          const answer = await send(new Uint8Array(body), { ...JSON_TYPE, 'content-encoding': encoding })
          assertRefused(answer, 'invalid_request', 415)
        }
      }
    })

    it('with bytes that are not UTF-8', async () => {
      const answer = await send(new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x7d]), JSON_TYPE)
      assertRefused(answer, 'invalid_request')
    })
  })
})

const JSON_TYPE = { 'content-type': 'application/json' }
