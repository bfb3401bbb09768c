import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { assertRefused, TestClient, tokensOf } from '../support/client.ts'
import { basic, redeemWith } from '../support/confidential-client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const SECRET = 'an-operators+secret: 100%'
const REDIRECT_URI = 'https://claude.ai/api/mcp/auth_callback'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const CLIENTS = [
  {
    client_id: 'either',
    client_name: 'Either',
    redirect_uris: [REDIRECT_URI],
    secret_sha256: sha256(SECRET),
  },
  {
    client_id: 'basic.only',
    client_name: 'Basic',
    redirect_uris: [REDIRECT_URI],
    secret_sha256: sha256(SECRET),
    token_endpoint_auth_method: 'client_secret_basic',
  },
  { client_id: 'public-one', client_name: 'Public', redirect_uris: [REDIRECT_URI] },
]

describe('A client that the operator registered', () => {
  const connect = beforeAll(() => startConnect({ settings: { CONNECT_CLIENTS: JSON.stringify(CLIENTS) } }))

  const clientOf = (id: string): TestClient =>
    new TestClient(connect.origin, { id, redirectUri: REDIRECT_URI })

  it('may send its secret in the form or by Basic, encoded or not', async () => {
    const client = clientOf('either')
    for (const shown of [
      { form: { client_id: 'either', client_secret: SECRET } },
      { headers: basic('either', SECRET) },
      { headers: basic('either', encodeURIComponent(SECRET)) },
    ]) {
      tokensOf(await redeemWith(connect, [client, await codeFor(connect, client)], shown))
    }
  })

  it('must use the method that the operator sets', async () => {
    const client = clientOf('basic.only')
    const code = await codeFor(connect, client)
    const form = { client_id: client.id, client_secret: SECRET }
    assertRefused(await redeemWith(connect, [client, code], { form }), 'invalid_client', 401)
    tokensOf(await redeemWith(connect, [client, code], { headers: basic(client.id, SECRET) }))
  })

  it('is refused with another secret, without one, and with the configured hash', async () => {
    const client = clientOf('either')
    const code = await codeFor(connect, client)
    for (const secret of ['x', sha256(SECRET), SECRET.toUpperCase(), `${SECRET} `]) {
      const headers = basic('either', secret)
      assertRefused(await redeemWith(connect, [client, code], { headers }), 'invalid_client', 401)
    }
    assertRefused(await client.redeem(code), 'invalid_client', 401)
  })

  it('has its redirect URI in its session, so that authz can block it', async () => {
    const { access_token: token } = await tokensFor(connect, clientOf('public-one'))
    const session = await new SessionStore(connect.redis).find(String(decodeJwt(token).sid))
    assert.equal(session?.redirectUri, REDIRECT_URI)
  })

  it('needs no secret if the operator set none', async () => {
    await tokensFor(connect, clientOf('public-one'))
  })

  it('is found only by its exact id', async () => {
    for (const id of ['Either', 'either ', 'eithe', 'either.', 'constructor', '__proto__']) {
      assertRefused(await clientOf(id).refresh('x'), 'invalid_client', 401)
    }
  })
})

describe('A blocked client', () => {
  const connect = beforeAll(() => startConnect())

  async function assertBlocked(client: TestClient): Promise<void> {
    const page = await connect.browser().open(client.authorizationUrl())
    assert.equal(page.status, 403)
    assert.match(page.text, /Your administrator has blocked this application/)
    assertRefused(await client.refresh('x'), 'unauthorized_client')
    assertRefused(await client.redeem('x'), 'unauthorized_client')
  }

  it('is refused everywhere by its logged fingerprint, with its sessions', async () => {
    const client = await connect.client('http://localhost:1/callback', 'To be blocked')
    const { refresh_token: refreshToken } = await tokensFor(connect, client)
    const fingerprint = fingerprintOf(client.id)
    assert.match(fingerprint, /^[0-9a-f]{16}$/)
    assert.ok(connect.lines.some((line) => line.includes(fingerprint) && line.includes('To be blocked')))
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: ` x.example, ${fingerprint.toUpperCase()}` })
    await assertBlocked(client)
    assertRefused(await client.refresh(refreshToken), 'unauthorized_client')
    await assertBlocked(await connect.client('http://localhost:1/callback', 'To be blocked'))
    const other = await connect.client('http://localhost:1/callback', 'Another')
    await tokensFor(connect, other)
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: '' })
    tokensOf(await client.refresh(refreshToken))
  })

  it('is refused by one of its redirect URIs’ hosts', async () => {
    const redirectUris = [
      'cursor://x/callback',
      'https://www.cursor.com/callback',
      'http://localhost:1/callback',
    ]
    const answer = await connect.register({ redirect_uris: redirectUris })
    const { client_id: id } = JSON.parse(answer.text) as { client_id: string }
    for (const entry of ['www.cursor.com', '.cursor.com', 'cursor://', 'localhost']) {
      connect.redeploy({ CONNECT_BLOCKED_CLIENTS: entry })
      await assertBlocked(new TestClient(connect.origin, { id, redirectUri: 'http://localhost:1/callback' }))
    }
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: 'cursor.com,ww.cursor.com,windsurf://' })
    await tokensFor(
      connect,
      new TestClient(connect.origin, { id, redirectUri: 'http://localhost:1/callback' }),
    )
  })

  it('is refused by its document’s host, and the document is not fetched', async () => {
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: 'zed.dev' })
    const id = 'https://zed.dev/oauth/client-metadata.json'
    await assertBlocked(new TestClient(connect.origin, { id, redirectUri: 'http://127.0.0.1/callback' }))
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: '' })
  })

  it('gets no token for an earlier code', async () => {
    const client = await connect.client('http://localhost:2/callback', 'Blocked in between')
    const code = await codeFor(connect, client)
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: fingerprintOf(client.id) })
    assertRefused(await client.redeem(code), 'unauthorized_client')
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: '' })
    tokensOf(await client.redeem(code))
  })
})
