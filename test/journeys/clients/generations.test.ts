import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { GENERATIONS } from '../support/generations.ts'
import { rawPost } from '../support/raw-post.ts'
import { sharedStackOfShortTokens } from '../support/recorded-stack.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('A client of each generation', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStackOfShortTokens())

  for (const { name, revision, connect } of GENERATIONS) {
    it(`gets from the URL to the tools, and refreshes without a browser: ${name}`, async () => {
      const { client, memory } = await connect(stack.mcpUrl, ADA)
      const reachedBefore = stack.service.requests.length
      assert.ok((await client.toolNames()).includes('bucket_list'))
      assert.match(await client.call('bucket_list', {}), /quilt-lab/)
      const revisions = stack.service.requests
        .slice(reachedBefore)
        .map((headers) => headers['mcp-protocol-version'])
      assert.ok(revisions.length > 0 && revisions.every((each) => each === revision), revisions.join())

      const first = memory.tokens()
      memory.authorizationUrl = undefined
      await untilRefused(first?.access_token ?? '')
      assert.match(await client.call('bucket_list', {}), /quilt-lab/)
      const second = memory.tokens()
      assert.notEqual(second?.access_token, first?.access_token)
      assert.notEqual(second?.refresh_token, first?.refresh_token)
      assert.equal(memory.authorizationUrl, undefined, 'no browser was asked for')
    })
  }

  async function untilRefused(token: string): Promise<void> {
    for (;;) {
      const { status } = await rawPost(stack.mcpUrl, [`Bearer ${token}`])
      if (status === 401) return
      // 504 where the token ended while the service was answering.
      assert.ok([200, 504].includes(status), String(status))
    }
  }
})
