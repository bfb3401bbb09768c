import assert from 'node:assert/strict'
import { assertRefused, tokensOf, type TestClient, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { documentClient } from '../support/document-clients.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { startPublisher } from '../support/publisher.ts'
import { beforeAll } from '../../support/before-all.ts'

const NEVER_KEPT = { 'cache-control': 'no-store' }
const ASSERTION = {
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.c2ln',
}

describe('A client’s document at the token and revocation endpoints', () => {
  let connect: Connect

  const publisher = beforeAll(() => startPublisher())

  before(async () => {
    const settings = { CONNECT_CLIENT_HOSTS: publisher.host, CONNECT_ALLOWED_HOSTS: 'localhost,claude.ai' }
    connect = await startConnect({ reach: publisher.reach, settings })
  })

  /** All requests of a caller without a grant of the client. */
  async function sendWithoutGrant(client: TestClient, others: Tokens): Promise<void> {
    const ways = [{}, ASSERTION, { client_secret: 'x' }]
    for (const way of ways) {
      assertRefused(await client.refresh('x', way), 'invalid_grant')
      assertRefused(await client.refresh(others.refresh_token, way), 'invalid_grant')
      assertRefused(await client.redeem('x', way), 'invalid_grant')
      assertRefused(await client.token({ grant_type: 'password', ...way }), 'unsupported_grant_type')
      assertRefused(await client.token(way), 'invalid_request')
      assert.equal((await client.revoke('x', way)).status, 200)
      assert.equal((await client.revoke(others.access_token, way)).status, 200)
    }
  }

  it('is not fetched for a request without a grant of that client', async () => {
    const others = await tokensFor(connect, await connect.client())
    for (const path of ['/no-grant', '/no-grant?x=y']) {
      await sendWithoutGrant(documentClient(connect, publisher.publishClient(path, {}, NEVER_KEPT)), others)
      assert.equal(publisher.timesAsked(path), 0)
    }
    tokensOf(await (await connect.client()).refresh(others.refresh_token))
  })

  it('is not fetched for another client’s code, which stays valid', async () => {
    const client = await connect.client()
    const code = await codeFor(connect, client)
    const other = documentClient(connect, publisher.publishClient('/code', {}, NEVER_KEPT))
    assertRefused(await other.redeem(code), 'invalid_grant')
    assert.equal(publisher.timesAsked('/code'), 0)
    tokensOf(await client.redeem(code))
  })

  it('is fetched for its own code, session and revocation', async () => {
    const client = documentClient(connect, publisher.publishClient('/own', {}, NEVER_KEPT))
    const first = await tokensFor(connect, client)
    const second = tokensOf(await client.refresh(first.refresh_token))
    assert.equal((await client.revoke(second.refresh_token)).status, 200)
    assertRefused(await client.refresh(second.refresh_token), 'invalid_grant')
  })

  it('is fetched once in ten seconds after a failure, which ends no session', async () => {
    const client = documentClient(connect, publisher.publishClient('/failing', {}, NEVER_KEPT))
    const { refresh_token: token } = await tokensFor(connect, client)
    const before = publisher.timesAsked('/failing')
    publisher.reply('/failing', (response) => response.writeHead(500).end())
    for (let request = 0; request < 20; request += 1) {
      assertRefused(await client.refresh(token), 'temporarily_unavailable', 503)
    }
    assert.equal(publisher.timesAsked('/failing'), before + 1)
    publisher.publishClient('/failing')
    await connect.passTime(10)
    tokensOf(await client.refresh(token))
  })

  it('gives 503 and not invalid_client when it breaks a rule', async () => {
    const client = documentClient(connect, publisher.publishClient('/broken', {}, NEVER_KEPT))
    const { refresh_token: token } = await tokensFor(connect, client)
    publisher.publishClient('/broken', { redirect_uris: 7 }, { 'cache-control': 'max-age=86400' })
    for (let request = 0; request < 3; request += 1) {
      assertRefused(await client.refresh(token), 'temporarily_unavailable', 503)
    }
    publisher.publishClient('/broken')
    await connect.passTime(10)
    tokensOf(await client.refresh(token))
  })

  it('names keys that are only fetched for its own grant', async () => {
    const jwksUri = publisher.publish('/jwks', { keys: [] }, NEVER_KEPT)
    const method = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: jwksUri }
    const client = documentClient(connect, publisher.publishClient('/keys', method))
    const code = await codeFor(connect, client)
    assertRefused(await client.refresh('x', ASSERTION), 'invalid_grant')
    assert.equal(publisher.timesAsked('/jwks'), 0)
    for (let request = 0; request < 5; request += 1) {
      assertRefused(await client.redeem(code, ASSERTION), 'temporarily_unavailable', 503)
    }
    assert.equal(publisher.timesAsked('/jwks'), 1)
  })
})
