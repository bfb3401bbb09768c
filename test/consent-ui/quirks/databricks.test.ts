import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { json, post } from '../support/answer.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

/** Sources: databricks_mcp and the documentation of Unity Catalog connections. */
describe('Databricks', () => {
  const REDIRECT_URI = 'https://oregon.cloud.databricks.com/login/oauth/http.html'
  let client: TestClient

  const connect = beforeAll(() => startConnect())

  before(async () => {
    const answer = await connect.register({
      client_name: 'Databricks',
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    })
    assert.equal(answer.status, 201, answer.text)
    client = new TestClient(connect.origin, { id: String(json(answer).client_id), redirectUri: REDIRECT_URI })
  })

  it('finds the metadata at the appended path', async () => {
    for (const base of ['', '/mcp/platform/mcp', '/mcp']) {
      const answer = await connect.get(`${base}/.well-known/oauth-authorization-server`)
      assert.equal(answer.status, 200, base)
      assert.equal(json(answer).issuer, connect.origin)
    }
  })

  for (const [what, authorization, secret] of [
    ['an empty secret in Basic and in the body', (id: string) => `${id}:`, ''],
    ['an empty secret in Basic', (id: string) => `${id}:`, undefined],
    ['an empty secret in the body', undefined, ''],
  ] as const) {
    it(`gets a refresh token with ${what}`, async () => {
      const headers: Record<string, string> =
        authorization === undefined
          ? {}
          : { authorization: `Basic ${Buffer.from(authorization(client.id)).toString('base64')}` }
      const send = async (form: Record<string, string | undefined>) =>
        await post(
          `${connect.origin}/auth/token`,
          { client_id: client.id, client_secret: secret, ...form },
          headers,
        )
      const first = tokensOf(
        await send({
          grant_type: 'authorization_code',
          code: await codeFor(connect, client),
          redirect_uri: REDIRECT_URI,
          code_verifier: client.verifier,
        }),
      )
      tokensOf(await send({ grant_type: 'refresh_token', refresh_token: first.refresh_token }))
    })
  }

  it('gets a token for the platform without resource', async () => {
    const { access_token: token } = tokensOf(await client.redeem(await codeFor(connect, client)))
    assert.equal(decodeJwt(token).aud, `${connect.origin}/mcp/platform`)
  })
})
