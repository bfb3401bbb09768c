import assert from 'node:assert/strict'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { TOOL_LISTS } from '../../core/services/read-only-tools.ts'
import { ADA, GRACE } from '../../deploy/demo/people.ts'
import { ROLES } from '../../deploy/demo/roles.ts'
import { listenersOf } from '../deploy/local/support/listeners.ts'
import { connectAs } from '../journeys/support/consent.ts'
import { mcpUser } from '../journeys/support/mcp-user.ts'
import { rawRequest } from '../journeys/support/raw-request.ts'
import { quiltMcpStack, type QuiltMcpStack } from './support/quilt-mcp-stack.ts'
import { switchRole } from './support/registry-user.ts'

/** It downloads some hundred megabytes. */
const MAX_INSTALLATION_MS = 15 * 60_000

describe('The open-source Quilt MCP server behind Connect', () => {
  let stack: QuiltMcpStack

  before(async function () {
    this.timeout(MAX_INSTALLATION_MS)
    stack = await quiltMcpStack()
  })

  for (const person of [ADA, GRACE]) {
    it(`lists its tools and the buckets of their role to ${person.name}`, async () => {
      const client = await connectAs(await mcpUser(stack.mcpUrl), person)
      const tools = (await client.listTools()).tools.map(({ name }) => name)
      for (const name of ['bucket_list', 'search_catalog', 'athena_query_execute']) {
        assert.ok(tools.includes(name), name)
      }
      const own = ROLES[person.quilt.role].buckets.map(({ name }) => name)
      assert.deepEqual(await bucketsOf(client), own)
    })
  }

  it('follows a switch of the user’s role', async () => {
    const { registry } = stack.context.ports
    const client = await connectAs(await mcpUser(stack.mcpUrl), ADA)
    assert.deepEqual(await bucketsOf(client), ['quilt-open-data', 'quilt-lab'])
    await switchRole(registry, ADA, 'ReadQuiltBucket')
    assert.deepEqual(await bucketsOf(client), ['quilt-open-data'])
    await switchRole(registry, ADA, 'ReadWriteQuiltBucket')
    assert.deepEqual(await bucketsOf(client), ['quilt-open-data', 'quilt-lab'])
  })

  it('searches the buckets of the user’s role only', async () => {
    const [ada, grace] = [
      await connectAs(await mcpUser(stack.mcpUrl), ADA),
      await connectAs(await mcpUser(stack.mcpUrl), GRACE),
    ]
    const wanted = { query: 'counts', scope: 'file', bucket: 'quilt-lab' }
    const { results } = (await answerOf(ada, 'search_catalog', wanted)) as { results: { name: string }[] }
    assert.deepEqual(
      results.map(({ name }) => name),
      ['rna-seq-2026/counts.csv'],
    )
    const refused = (await answerOf(grace, 'search_catalog', wanted)) as { success: boolean; error: string }
    assert.equal(refused.success, false)
    assert.match(refused.error, /^403 /)
  })

  const withoutAws: [tool: string, asked: Record<string, unknown>][] = [
    ['bucket_objects_list', { bucket: 'quilt-open-data' }],
    ['bucket_object_text', { s3_uri: 's3://quilt-open-data/examples/iris/README.md' }],
    ['athena_query_execute', { query: 'SELECT 1' }],
    ['tabulator_list_buckets', {}],
    ['discover_permissions', {}],
  ]
  for (const [tool, asked] of withoutAws) {
    it(`returns that the demo has no AWS from ${tool}`, async () => {
      const client = await connectAs(await mcpUser(stack.mcpUrl), ADA)
      assert.match(JSON.stringify(await answerOf(client, tool, asked)), /This demo has no AWS/)
    })
  }

  it('returns that the demo has no admins from admin_user_get', async () => {
    const client = await connectAs(await mcpUser(stack.mcpUrl), ADA)
    const answer = await answerOf(client, 'admin_user_get', { name: 'grace' })
    assert.match(JSON.stringify(answer), /Only for admins/)
  })

  it('lists and runs only reading tools with read-only access', async () => {
    const all = await (await connectAs(await mcpUser(stack.mcpUrl), ADA)).listTools()
    const client = await connectAs(await mcpUser(stack.mcpUrl), ADA, 'Read only')
    const { tools } = await client.listTools()
    const names = tools.map(({ name }) => name)
    assert.ok(all.tools.length > names.length)
    // This version has only some of the listed tools.
    const reads = TOOL_LISTS['quilt-mcp'].reads.filter((name) => all.tools.some((tool) => tool.name === name))
    assert.deepEqual(names.toSorted(), reads.toSorted())
    assert.deepEqual(await bucketsOf(client), ['quilt-open-data', 'quilt-lab'])
    await assert.rejects(
      client.callTool({ name: 'bucket_objects_put', arguments: {} }),
      /read-only access.*Read and change/,
    )
  })

  it('listens at 127.0.0.1 only, and returns 421 for another Host', async () => {
    const { platformMcp: port } = stack.context.ports
    const listeners = listenersOf([stack.process('platform-mcp').pid ?? 0])
    assert.deepEqual(
      listeners,
      listeners.filter(({ address }) => address === '127.0.0.1'),
    )
    assert.deepEqual(
      listeners.map((listener) => listener.port),
      [port],
    )
    const url = `http://127.0.0.1:${port}/mcp`
    for (const host of ['evil.example', 'localhost.evil.example', `evil.example:${port}`]) {
      const headers = ['host', host, 'authorization', 'Bearer x', 'content-type', 'application/json']
      assert.equal((await rawRequest(url, { method: 'POST', headers, body: '{}' })).status, 421, host)
    }
  })

  it('logs no credential', () => {
    assert.ok(stack.lines.some((line) => line.startsWith('platform-mcp ') && line.includes('POST /mcp')))
    for (const line of stack.lines.filter((each) => each.startsWith('platform-mcp '))) {
      assert.doesNotMatch(line, /\beyJ|\bASIA|Bearer /)
    }
  })
})

async function bucketsOf(client: Client): Promise<string[]> {
  const { success, buckets } = (await answerOf(client, 'bucket_list')) as {
    success: boolean
    buckets: { name: string }[]
  }
  assert.equal(success, true)
  return buckets.map(({ name }) => name)
}

/** The result of a tool; some nest it one level deeper. */
async function answerOf(client: Client, name: string, asked: Record<string, unknown> = {}): Promise<unknown> {
  const { structuredContent } = await client.callTool({ name, arguments: asked })
  assert.ok(typeof structuredContent === 'object' && structuredContent !== null)
  return 'result' in structuredContent ? structuredContent.result : structuredContent
}
