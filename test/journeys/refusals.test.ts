import assert from 'node:assert/strict'
import { generateKeyPair, SignJWT } from 'jose'
import { randomSecret } from '../../core/keys/hash.ts'
import { ADA } from '../../deploy/demo/people.ts'
import { connectedUser } from './support/connected-user.ts'
import { rawPost } from './support/raw-post.ts'
import { sharedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

describe('Requests without a valid token, through Envoy', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())

  it('negative test, resource server: one challenge: answers 401 with one challenge that names the metadata of the URL, and the service gets nothing', async () => {
    const answer = await refused([])
    assert.equal(
      answer,
      `Bearer resource_metadata="${stack.origin}/.well-known/oauth-protected-resource/mcp/platform/mcp", scope="platform"`,
    )
  })

  it('refuses a token signed with another key', async () => {
    assert.match(await refused([`Bearer ${await token(stack.origin)}`]), /error="invalid_token"/)
  })

  it('refuses a token of another issuer', async () => {
    assert.match(
      await refused([`Bearer ${await token('https://connect.example.com')}`]),
      /error="invalid_token"/,
    )
  })

  it('negative test, resource server: refresh token as access token: refuses a refresh token in place of an access token', async () => {
    const { memory } = await connectedUser(stack, ADA)
    assert.match(await refused([`Bearer ${memory.tokens()?.refresh_token ?? ''}`]), /error="invalid_token"/)
  })

  it('negative test, resource server: two Authorization headers: refuses two tokens, in two headers or in one', async () => {
    await refused(['Bearer one', 'Bearer two'])
    await refused(['Bearer one, Bearer two'])
  })

  it('answers JSON that MCP clients understand', async () => {
    const { body, headers } = await rawPost(stack.mcpUrl, [])
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['cache-control'], 'no-store')
    assert.deepEqual(JSON.parse(body), {
      jsonrpc: '2.0',
      error: { code: -32001, message: 'Unauthorized' },
      id: null,
    })
  })

  async function refused(authorization: readonly string[]): Promise<string> {
    const reachedBefore = stack.service.requests.length
    const { status, rawHeaders } = await rawPost(stack.mcpUrl, authorization)
    assert.equal(status, 401)
    assert.equal(stack.service.requests.length, reachedBefore, 'the service saw nothing')
    const challenges = rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === 'www-authenticate')
    assert.equal(challenges.length, 1)
    return challenges[0] ?? ''
  }

  async function token(issuer: string): Promise<string> {
    const { privateKey } = await generateKeyPair('ES256')
    return await new SignJWT({ client_id: 'c', scope: 'platform', sid: randomSecret(), k: randomSecret() })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'local' })
      .setIssuer(issuer)
      .setAudience(`${stack.origin}/mcp/platform`)
      .setSubject('ada')
      .setJti(randomSecret())
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  }
})
