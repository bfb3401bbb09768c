import assert from 'node:assert/strict'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js'
import { ADA, GRACE, type DemoPerson } from '../../../../deploy/demo/people.ts'
import { createPlatformMcp } from '../../../../deploy/demo/platform-mcp/server.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { startRegistry, type StartedRegistry } from '../support/registry.ts'
import { SILENT, start, type Started } from '../support/start.ts'

type Arguments = Record<string, unknown>

const LIST_TOOLS = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })
const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

describe('The demo Platform MCP server', () => {
  let registry: StartedRegistry
  let service: Started

  beforeEach(async () => {
    registry = await startRegistry()
    service = await start(() => createPlatformMcp({ registryUrl: new URL(registry.origin), log: SILENT }))
  })

  async function connectAs(person: DemoPerson): Promise<Client> {
    const headers = { authorization: `Bearer ${await registry.tokenOf(person)}` }
    const transport = new StreamableHTTPClientTransport(new URL(`${service.origin}/mcp`), {
      requestInit: { headers },
    })
    const client = new Client({ name: 'test', version: '1.0.0' })
    await client.connect(transport)
    closeAfterAll(() => client.close())
    return client
  }

  function post(authorization?: string): Promise<Response> {
    const headers = { ...JSON_HEADERS, ...(authorization === undefined ? {} : { authorization }) }
    return fetch(`${service.origin}/mcp`, { method: 'POST', headers, body: LIST_TOOLS })
  }

  it('lists its tools with title, description and hints', async () => {
    const { tools } = await (await connectAs(GRACE)).listTools()
    const byHint = (readOnly: boolean): string[] =>
      tools.filter(({ annotations }) => annotations?.readOnlyHint === readOnly).map(({ name }) => name)
    assert.deepEqual(byHint(true), ['bucket_list', 'search_packages', 'package_browse', 'object_read'])
    assert.deepEqual(byHint(false), ['package_create', 's3_object_put'])
    for (const { title, description } of tools) assert.ok(title !== undefined && description !== undefined)
    const destructive = tools.filter(({ annotations }) => annotations?.destructiveHint === true)
    assert.deepEqual(
      destructive.map(({ name }) => name),
      ['s3_object_put'],
    )
  })

  it('shows the buckets and packages of the user’s role', async () => {
    const [ada, grace] = [await connectAs(ADA), await connectAs(GRACE)]
    const open = ['examples/iris', 'examples/cell-painting']
    assert.deepEqual(await packageNames(ada), [...open, 'lab/rna-seq-2026'])
    assert.deepEqual(await packageNames(grace), open)
    assert.deepEqual(await packageNames(ada, { query: 'SPRING experiment' }), ['lab/rna-seq-2026'])
    assert.deepEqual(await packageNames(grace, { query: 'spring experiment' }), [])
    assert.match(await callTool(ada, 'bucket_list', {}), /"user": "ada"[^]*quilt-lab/)
    assert.doesNotMatch(await callTool(grace, 'bucket_list', {}), /quilt-lab/)
  })

  it('browses a package and reads its objects', async () => {
    const ada = await connectAs(ADA)
    const browsed = JSON.parse(
      await callTool(ada, 'package_browse', { ...LAB, name: 'lab/rna-seq-2026' }),
    ) as {
      files: Record<string, string>
    }
    const key = browsed.files['counts.csv']
    assert.match(await callTool(ada, 'object_read', { ...LAB, key }), /^gene,control,treated\n/)
    assert.match(await callRefused(ada, 'object_read', { ...LAB, key: 'nothing' }), /There is no object/)
    assert.match(
      await callRefused(ada, 'package_browse', { ...LAB, name: 'no/thing' }),
      /There is no package/,
    )
  })

  it('denies every read of a bucket outside the role', async () => {
    const grace = await connectAs(GRACE)
    const looks: [string, Arguments][] = [
      ['search_packages', LAB],
      ['package_browse', { ...LAB, name: 'lab/rna-seq-2026' }],
      ['object_read', { ...LAB, key: 'rna-seq-2026/counts.csv' }],
    ]
    for (const [tool, args] of looks) {
      const denied = await callRefused(grace, tool, args)
      assert.equal(denied, 'Access denied: the role ReadQuiltBucket has no bucket quilt-lab.')
      // The answer must not reveal whether a bucket exists.
      const absent = await callRefused(grace, tool, { ...args, bucket: 'quilt-none' })
      assert.equal(absent, denied.replace('quilt-lab', 'quilt-none'))
    }
  })

  it('keeps the changes of a user who may change data', async () => {
    const ada = await connectAs(ADA)
    await callTool(ada, 's3_object_put', { ...OPEN, key: 'notes/hello.txt', content: 'hello' })
    const made = { ...OPEN, name: 'examples/hello', message: 'Says hello', keys: ['notes/hello.txt'] }
    const first = await callTool(ada, 'package_create', made)
    const second = await callTool(ada, 'package_create', { ...made, message: 'Says it again' })
    assert.notEqual(first, second)
    const grace = await connectAs(GRACE)
    assert.equal(await callTool(grace, 'object_read', { ...OPEN, key: 'notes/hello.txt' }), 'hello')
    assert.ok((await packageNames(grace)).includes('examples/hello'))
    const missing = { ...made, keys: ['notes/hello.txt', 'notes/none.txt'] }
    assert.equal(await callRefused(ada, 'package_create', missing), 'Not in quilt-open-data: notes/none.txt.')
  })

  it('denies every change to a read-only user', async () => {
    const [ada, grace] = [await connectAs(ADA), await connectAs(GRACE)]
    const changes: [string, Arguments][] = [
      ['s3_object_put', { ...OPEN, key: 'examples/iris/README.md', content: 'mine' }],
      [
        'package_create',
        { ...OPEN, name: 'examples/iris', message: 'mine', keys: ['examples/iris/iris.csv'] },
      ],
    ]
    for (const [tool, args] of changes) {
      const denied = await callRefused(grace, tool, args)
      assert.equal(denied, 'Access denied: the role ReadQuiltBucket may only read.')
    }
    assert.match(await callTool(ada, 'object_read', { ...OPEN, key: 'examples/iris/README.md' }), /^# Iris/)
    assert.match(
      await callTool(ada, 'package_browse', { ...OPEN, name: 'examples/iris' }),
      /Iris measurements/,
    )
  })

  it('answers with an event stream, without a session', async () => {
    const response = await post(`Bearer ${await registry.tokenOf(ADA)}`)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    assert.equal(response.headers.get('mcp-session-id'), null)
    assert.match(await response.text(), /^event: message\ndata: \{"result":\{"tools":/)
  })

  it('returns 401 without a credential that the Registry accepts', async () => {
    const token = await registry.tokenOf(ADA)
    const cases: [string | undefined, string][] = [
      [undefined, 'Not logged in'],
      ['Bearer unknown', 'Token invalid.'],
      [token, 'Token invalid.'],
      [`Basic ${token}`, 'Token invalid.'],
      [`Bearer ${token}, Bearer ${token}`, 'Token invalid.'],
    ]
    for (const [authorization, message] of cases) {
      const response = await post(authorization)
      assert.equal(response.status, 401, authorization)
      assert.equal(response.headers.get('www-authenticate'), 'Bearer')
      assert.deepEqual(await response.json(), { message })
    }
  })

  it('asks the Registry at every request', async () => {
    const token = await registry.tokenOf(ADA)
    assert.equal((await post(`Bearer ${token}`)).status, 200)
    const logout = { method: 'POST', headers: { authorization: `Bearer ${token}` } }
    await fetch(`${registry.origin}/api/logout`, logout)
    assert.equal((await post(`Bearer ${token}`)).status, 401)
  })

  it('returns 503 while the Registry is down', async () => {
    const token = await registry.tokenOf(ADA)
    registry.stop()
    const response = await post(`Bearer ${token}`)
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('retry-after'), '5')
    assert.deepEqual(await response.json(), { message: 'The Quilt Registry does not answer.' })
  })

  for (const [body, status] of [
    [{ data: { me: null, buckets: [] } }, 401],
    [{ data: {} }, 503],
    ['not an object', 503],
  ] as const) {
    it(`returns ${status} when the Registry answers ${JSON.stringify(body)}`, async () => {
      const odd = await start(() => (_request, response) => void response.end(JSON.stringify(body)))
      service = await start(() => createPlatformMcp({ registryUrl: new URL(odd.origin), log: SILENT }))
      assert.equal((await post('Bearer anything')).status, status)
    })
  }

  it('serves MCP at POST /mcp only, and its health at /healthz', async () => {
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(`${service.origin}/mcp`, { method })
      assert.equal(response.status, 405)
      assert.equal(response.headers.get('allow'), 'POST')
    }
    assert.equal((await fetch(`${service.origin}/mcp/`, { method: 'POST' })).status, 404)
    assert.equal((await fetch(`${service.origin}/healthz`)).status, 200)
  })
})

const LAB = { bucket: 'quilt-lab' }
const OPEN = { bucket: 'quilt-open-data' }

async function call(
  client: Client,
  name: string,
  args: Arguments,
): Promise<{ failed: boolean; text: string }> {
  const { isError = false, content } = CallToolResultSchema.parse(
    await client.callTool({ name, arguments: args }),
  )
  const [first] = content
  return { failed: isError, text: first?.type === 'text' ? first.text : '' }
}

async function callTool(client: Client, name: string, args: Arguments): Promise<string> {
  const { failed, text } = await call(client, name, args)
  assert.equal(failed, false, text)
  return text
}

async function callRefused(client: Client, name: string, args: Arguments): Promise<string> {
  const { failed, text } = await call(client, name, args)
  assert.equal(failed, true, text)
  return text
}

async function packageNames(client: Client, args: Arguments = {}): Promise<string[]> {
  const { packages } = JSON.parse(await callTool(client, 'search_packages', args)) as {
    packages: { name: string }[]
  }
  return packages.map(({ name }) => name)
}
