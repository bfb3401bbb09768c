import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { GENERATIONS, type Connected } from '../support/generations.ts'
import { rawPost } from '../support/raw-post.ts'
import { sharedStackOfShortTokens } from '../support/recorded-stack.ts'
import { tokenEnd } from '../support/token-end.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('A client of each generation', function () {
  this.timeout(60_000)
  const connected = new Map<string, Connected>()

  const stack = beforeAll(() => sharedStackOfShortTokens())

  // All before the first token has expired, so that the tests wait for it once.
  before(async () => {
    for (const { name, connect } of GENERATIONS) connected.set(name, await connect(stack.mcpUrl, ADA))
  })

  function clientOf(name: string): Connected {
    const found = connected.get(name)
    assert.ok(found !== undefined)
    return found
  }

  for (const { name, revision } of GENERATIONS) {
    it(`gets from the URL to the tools: ${name}`, async () => {
      const { client } = clientOf(name)
      const reachedBefore = stack.service.requests.length
      assert.ok((await client.toolNames()).includes('bucket_list'))
      assert.match(await client.call('bucket_list', {}), /quilt-lab/)
      const revisions = stack.service.requests
        .slice(reachedBefore)
        .map((headers) => headers['mcp-protocol-version'])
      assert.ok(revisions.length > 0 && revisions.every((each) => each === revision), revisions.join())
    })
  }

  for (const { name } of GENERATIONS) {
    it(`refreshes without a browser when its access token has expired: ${name}`, async () => {
      const { client, memory } = clientOf(name)
      const first = memory.tokens()
      memory.authorizationUrl = undefined
      await tokenEnd(first?.access_token ?? '')
      const { status, headers } = await rawPost(stack.mcpUrl, [`Bearer ${first?.access_token ?? ''}`])
      assert.equal(status, 401)
      assert.match(headers['www-authenticate'] ?? '', /error="invalid_token"/)
      assert.match(await client.call('bucket_list', {}), /quilt-lab/)
      const second = memory.tokens()
      assert.notEqual(second?.access_token, first?.access_token)
      assert.notEqual(second?.refresh_token, first?.refresh_token)
      assert.equal(memory.authorizationUrl, undefined, 'no browser was asked for')
    })
  }
})
