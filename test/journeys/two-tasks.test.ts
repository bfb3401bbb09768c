import assert from 'node:assert/strict'
import { ADA } from '../../deploy/demo/people.ts'
import { connectedUser } from './support/connected-user.ts'
import { connectAs, openPage, signInAs } from './support/consent.ts'
import { mcpClient1 } from './support/mcp-client.ts'
import { mcpUser } from './support/mcp-user.ts'
import { rawPost } from './support/raw-post.ts'
import { secondTask, sharedStack } from './support/recorded-stack.ts'
import { toolCall } from './tool-access/support/calls.ts'
import { beforeAll } from '../support/before-all.ts'

const NAME = 'Narrowed while connected'
const READING = ['bucket_list', 'search_packages', 'package_browse', 'object_read']
const CHANGING = ['package_create', 's3_object_put']
const INPUT = { bucket: 'quilt-lab', key: 'note.txt', content: 'changed' }
const CHANGE = toolCall('s3_object_put', { params: { name: 's3_object_put', arguments: INPUT } })

describe('Two tasks, each with Envoy, authz and consent-ui, over one Redis', function () {
  this.timeout(60_000)

  const first = beforeAll(() => sharedStack())
  const second = beforeAll(() => secondTask(first))

  it('allows one task’s session at the other', async () => {
    const user = await connectedUser(first, ADA)
    assert.equal((await user.ask(second.mcpUrl)).status, 200)
  })

  it('refuse a session on the next request, whichever task revoked it', async () => {
    for (const origin of [first.origin, new URL(second.mcpUrl).origin]) {
      const user = await connectedUser(first, ADA)
      for (const { mcpUrl } of [first, second]) assert.equal((await user.ask(mcpUrl)).status, 200)
      assert.equal(await user.revoke(origin), 200)
      const answers = await Promise.all([first, second].map(({ mcpUrl }) => user.ask(mcpUrl)))
      assert.deepEqual(
        answers.map(({ status }) => status),
        [401, 401],
      )
    }
  })

  it('let a client that is made read-only change nothing from its next request on, and show it fewer tools', async () => {
    const user = await mcpUser(first.mcpUrl, { name: NAME })
    const client = mcpClient1(await connectAs(user, ADA))
    const changes = async (): Promise<string[]> => {
      const authorization = `Bearer ${user.memory.tokens()?.access_token ?? ''}`
      const answers = [first, second].map(({ mcpUrl }) => rawPost(mcpUrl, [authorization], CHANGE))
      return (await Promise.all(answers)).map(({ body }) => body)
    }
    for (const body of await changes()) assert.match(body, /note\.txt/)
    assert.deepEqual((await client.toolNames()).sort(), [...READING, ...CHANGING].sort())

    const page = await openPage(`${first.origin}/connect/apps`)
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Connected applications' }).waitFor()
    await page.getByRole('button', { name: `Make read only: ${NAME}` }).click()
    assert.match(await page.getByRole('status').innerText(), /can only read\. In effect after/)
    await page.context().close()

    const reached = first.service.requests.length
    for (const body of await changes()) assert.match(body, /read-only access.*Read and change/)
    await assert.rejects(client.call('s3_object_put', INPUT), /read-only access/)
    assert.equal(first.service.requests.length, reached, 'none of them reached the service')
    assert.deepEqual((await client.toolNames()).sort(), [...READING].sort())
    assert.match(await client.call('bucket_list', {}), /quilt-lab/)
  })

  it('report a task that hangs, which refuses the session as soon as it is back', async () => {
    const user = await connectedUser(first, ADA)
    for (const { mcpUrl } of [first, second]) assert.equal((await user.ask(mcpUrl)).status, 200)
    second.process('authz').pause()
    assert.equal(await user.revoke(), 200)
    assert.equal((await user.ask()).status, 401)
    assert.ok(first.lines.some((line) => line.includes('not acknowledged by every authz')))
    second.process('authz').resume()
    assert.equal((await user.ask(second.mcpUrl)).status, 401)
  })
})
