import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { ADA } from '../../../deploy/demo/people.ts'
import { connectAs, openPage, signInAs } from '../support/consent.ts'
import { mcpClient1, type McpClient } from '../support/mcp-client.ts'
import { mcpUser, type McpUser } from '../support/mcp-user.ts'
import { rawPost } from '../support/raw-post.ts'
import { secondTask, sharedStack } from '../support/recorded-stack.ts'
import { toolCall } from './support/calls.ts'
import { beforeAll } from '../../support/before-all.ts'

const NAME = 'Narrowed while connected'
const READING = ['bucket_list', 'search_packages', 'package_browse', 'object_read']
const CHANGING = ['package_create', 's3_object_put']
const INPUT = { bucket: 'quilt-lab', key: 'note.txt', content: 'changed' }
const CHANGE = toolCall('s3_object_put', { params: { name: 's3_object_put', arguments: INPUT } })

describe('A client that is made read-only while connected to two tasks', function () {
  this.timeout(60_000)
  let user: McpUser
  let client: McpClient

  const first = beforeAll(() => sharedStack())
  const second = beforeAll(() => secondTask(first))

  before(async () => {
    user = await mcpUser(first.mcpUrl, { name: NAME })
    client = mcpClient1(await connectAs(user, ADA))
  })

  async function changes(): Promise<string[]> {
    const authorization = `Bearer ${user.memory.tokens()?.access_token ?? ''}`
    const answers = [first, second].map(({ mcpUrl }) => rawPost(mcpUrl, [authorization], CHANGE))
    return (await Promise.all(answers)).map(({ body }) => body)
  }

  async function openApps(): Promise<Page> {
    const page = await openPage(`${first.origin}/connect/apps`)
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Connected applications' }).waitFor()
    return page
  }

  it('cannot change anything from its next request on, and is shown fewer tools', async () => {
    for (const body of await changes()) assert.match(body, /note\.txt/)
    assert.deepEqual((await client.toolNames()).sort(), [...READING, ...CHANGING].sort())

    const page = await openApps()
    await page.getByRole('button', { name: `Make read only: ${NAME}` }).click()
    assert.match(await page.getByRole('status').innerText(), /can only read from the next request on/)
    await page.context().close()

    const reached = first.service.requests.length
    for (const body of await changes()) assert.match(body, /read-only access.*Read and change/)
    await assert.rejects(client.call('s3_object_put', INPUT), /read-only access/)
    assert.equal(first.service.requests.length, reached, 'none of them reached the service')
    assert.deepEqual((await client.toolNames()).sort(), [...READING].sort())
    assert.match(await client.call('bucket_list', {}), /quilt-lab/)
  })
})
