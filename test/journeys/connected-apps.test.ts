import assert from 'node:assert/strict'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Page } from 'playwright-core'
import { ADA } from '../../deploy/demo/people.ts'
import { connectAs, openPage, signInAs } from './support/consent.ts'
import { mcpUser, type McpUser } from './support/mcp-user.ts'
import { rawPost } from './support/raw-post.ts'
import { sharedStack } from './support/recorded-stack.ts'
import { screenshot } from './support/screenshot.ts'
import { beforeAll } from '../support/before-all.ts'

describe('A user at their connected applications', function () {
  this.timeout(60_000)
  let page: Page

  const stack = beforeAll(() => sharedStack())

  afterEach(async () => {
    await page.context().close()
  })

  /** Ada connects an application, and opens the page in another browser of hers. */
  async function connected(name: string): Promise<{ user: McpUser; client: Client }> {
    const user = await mcpUser(stack.mcpUrl, { name })
    const client = await connectAs(user, ADA, 'Read and change')
    page = await openPage(`${stack.origin}/connect/apps`)
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Connected applications' }).waitFor()
    return { user, client }
  }

  async function statusOf({ memory }: McpUser): Promise<number> {
    return (await rawPost(stack.mcpUrl, [`Bearer ${memory.tokens()?.access_token ?? ''}`])).status
  }

  async function press(button: string, name: string): Promise<string> {
    await page.getByRole('button', { name: `${button}: ${name}` }).click()
    return await page.getByRole('status').innerText()
  }

  it('ends a client’s session: its next request is refused, other clients’ are not', async () => {
    const { user: other } = await connected('Kept Application')
    await page.context().close()
    const { user } = await connected('Revoked Application')
    await screenshot(page, 'connected-apps')
    assert.equal(await statusOf(user), 200)
    assert.match(
      await press('End access', 'Revoked Application'),
      /^Access ended: .* In effect after 0\.\d\d seconds\.$/,
    )
    assert.equal(await statusOf(user), 401)
    assert.equal(await statusOf(other), 200)
    await press('End access', 'Kept Application')
    assert.equal(await statusOf(other), 401)
  })

  it('makes a client read-only: its next call that changes something is refused', async () => {
    const { user, client } = await connected('Narrowed Application')
    assert.match(JSON.stringify(await put(client)), /narrowed\.txt/)
    const news = await press('Make read only', 'Narrowed Application')
    assert.match(news, /^From now on, Narrowed Application can only read\. In effect after 0\.\d\d/)
    assert.equal(await page.getByRole('button', { name: 'Make read only: Narrowed' }).count(), 0)
    await assert.rejects(put(client), /read-only access/)
    const tools = (await client.listTools()).tools.map(({ name }) => name)
    assert.ok(tools.includes('bucket_list') && !tools.includes('s3_object_put'))
    await press('End access', 'Narrowed Application')
    assert.equal(await statusOf(user), 401)
  })

  async function put(client: Client): Promise<unknown> {
    const input = { bucket: 'quilt-lab', key: 'narrowed.txt', content: 'changed' }
    return await client.callTool({ name: 's3_object_put', arguments: input })
  }
})
