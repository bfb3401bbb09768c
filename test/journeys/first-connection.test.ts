import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { ADA, GRACE, type DemoPerson } from '../../deploy/demo/people.ts'
import { mcpUser, STATE, type McpUser } from './support/mcp-user.ts'
import { allow, connectAs, openConsentPage } from './support/consent.ts'
import { rawPost } from './support/raw-post.ts'
import { screenshot } from './support/screenshot.ts'
import { sharedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

describe('A first connection, from the URL to the tools', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())

  it('shows the client, where the browser returns to, and what the client may do', async () => {
    const user = await mcpUser(stack.mcpUrl)
    const page = await openConsentPage(await user.begin(), ADA)
    const text = await page.locator('body').innerText()
    for (const part of [
      'Claude Code wants to access your Quilt account',
      'return to an application on this computer localhost',
      ADA.email,
    ]) {
      assert.ok(text.replaceAll(/\s+/g, ' ').includes(part), `the page says: ${part}`)
    }
    await screenshot(page, 'consent-page')
    await page.context().close()
  })

  it('gives each user what their own role may see', async () => {
    const ada = await connectInChromium(await mcpUser(stack.mcpUrl), ADA)
    // People add the slash when they type the URL.
    const grace = await connectInChromium(await mcpUser(`${stack.mcpUrl}/`), GRACE)
    const tools = (await ada.listTools()).tools.map((tool) => tool.name)
    assert.ok(tools.includes('search_packages') && tools.includes('package_create'))
    const [adas, graces] = await Promise.all([buckets(ada), buckets(grace)])
    assert.match(adas, /quilt-lab/)
    assert.doesNotMatch(graces, /quilt-lab/)
    assert.match(graces, /quilt-open-data/)
  })

  async function connectInChromium(user: McpUser, person: DemoPerson): Promise<Client> {
    const page = await openConsentPage(await user.begin(), person)
    await allow(page)
    const answer = await user.callback.next()
    await page.context().close()
    return await user.finish(answer)
  }

  it("negative test, resource server: client's token upstream: shows the service the user's Quilt credential, never the client's token, cookie or identity headers", async () => {
    const forged = { cookie: 'quilt-connect=forged', 'x-quilt-user': 'admin', 'x-auth-subject': 'admin' }
    const user = await mcpUser(stack.mcpUrl, { headers: forged })
    const reachedBefore = stack.service.requests.length
    await (await connectAs(user, ADA)).listTools()
    const reached = stack.service.requests.slice(reachedBefore)
    assert.ok(reached.length > 0)
    for (const headers of reached) {
      const credential = headers.authorization?.replace(/^Bearer /, '') ?? ''
      assert.deepEqual(Object.keys(decodeJwt(credential)).sort(), ['exp', 'id', 'uuid'])
      assert.notEqual(credential, user.memory.tokens()?.access_token)
      for (const name of Object.keys(forged)) assert.equal(headers[name], undefined, name)
    }
  })

  it('sends access_denied with state and iss to the client when the user cancels', async () => {
    const user = await mcpUser(stack.mcpUrl)
    const page = await openConsentPage(await user.begin(), ADA)
    await page.getByRole('button', { name: 'Cancel' }).click()
    const answer = await user.callback.next()
    assert.equal(answer.get('error'), 'access_denied')
    assert.equal(answer.get('state'), STATE)
    assert.equal(answer.get('iss'), stack.origin)
    assert.equal(answer.get('code'), null)
    await page.context().close()
  })

  it('negative test, resource server: revoked token: refuses the next request after a revocation, with the session in authz’s memory', async () => {
    const user = await mcpUser(stack.mcpUrl)
    await (await connectAs(user, ADA)).listTools()
    const token = user.memory.tokens()?.access_token ?? ''
    assert.equal((await rawPost(stack.mcpUrl, [`Bearer ${token}`])).status, 200)
    await revoke(user)
    const refused = await rawPost(stack.mcpUrl, [`Bearer ${token}`])
    assert.equal(refused.status, 401)
    assert.match(refused.headers['www-authenticate'] ?? '', /error="invalid_token"/)
  })

  async function revoke({ memory }: McpUser): Promise<void> {
    const response = await fetch(`${stack.origin}/auth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({
        token: memory.tokens()?.refresh_token ?? '',
        client_id: memory.clientInformation()?.client_id ?? '',
      }),
    })
    assert.equal(response.status, 200)
  }
})

async function buckets(client: Client): Promise<string> {
  return JSON.stringify(await client.callTool({ name: 'bucket_list', arguments: {} }))
}
