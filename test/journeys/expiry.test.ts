import assert from 'node:assert/strict'
import { ADA } from '../../deploy/demo/people.ts'
import { connectAs } from './support/consent.ts'
import { mcpUser } from './support/mcp-user.ts'
import { rawPost } from './support/raw-post.ts'
import { sharedStackOfShortTokens } from './support/recorded-stack.ts'

describe('An access token that expires', function () {
  this.timeout(60_000)

  it('is refreshed by the client without a browser', async () => {
    const stack = await sharedStackOfShortTokens()
    const user = await mcpUser(stack.mcpUrl)
    const client = await connectAs(user, ADA)
    const before = user.memory.tokens()
    user.memory.authorizationUrl = undefined
    await refusedAtLast(stack.mcpUrl, before?.access_token ?? '')

    assert.ok((await client.listTools()).tools.length > 0)
    const after = user.memory.tokens()
    assert.notEqual(after?.access_token, before?.access_token)
    assert.notEqual(after?.refresh_token, before?.refresh_token)
    assert.equal(user.memory.authorizationUrl, undefined, 'no browser was asked for')
  })
})

/** Asks with the token until it has expired. Before that, each answer is the service's own or was cut off by its end. */
async function refusedAtLast(url: string, token: string): Promise<void> {
  for (;;) {
    const { status, headers } = await rawPost(url, [`Bearer ${token}`])
    if (status === 401) {
      assert.match(headers['www-authenticate'] ?? '', /error="invalid_token"/)
      return
    }
    assert.ok(status === 200 || status === 504, `${status}`)
  }
}
