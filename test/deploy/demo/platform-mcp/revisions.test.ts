import assert from 'node:assert/strict'
import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { ADA } from '../../../../deploy/demo/people.ts'
import { createPlatformMcp } from '../../../../deploy/demo/platform-mcp/server.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { startRegistry } from '../support/registry.ts'
import { SILENT, start } from '../support/start.ts'

const REVISION = '2026-07-28'
const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

interface Answer {
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly data?: unknown }
}

describe('The demo Platform MCP server, by MCP revision,', () => {
  let url: string
  let authorization: string

  before(async () => {
    const registry = await startRegistry()
    const registryUrl = new URL(registry.origin)
    const service = await start(() => createPlatformMcp({ registryUrl, log: SILENT }))
    url = `${service.origin}/mcp`
    authorization = `Bearer ${await registry.tokenOf(ADA)}`
  })

  async function connect(mode: VersionNegotiationMode): Promise<Client> {
    const client = new Client({ name: 'test', version: '2.0.0' }, { versionNegotiation: { mode } })
    await client.connect(
      new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization } } }),
    )
    closeAfterAll(() => client.close())
    return client
  }

  /** A message of revision 2026-07-28, which names the method in a header too. */
  async function post(method: string, headers: Record<string, string> = {}): Promise<Response> {
    return await fetch(url, {
      method: 'POST',
      headers: {
        authorization,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': REVISION,
        'mcp-method': method,
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta: META } }),
    })
  }

  for (const [mode, revision] of [
    ['legacy', '2025-11-25'],
    ['auto', REVISION],
    [{ pin: REVISION }, REVISION],
  ] as const) {
    it(`lists and calls the same tools in ${revision}, negotiated with ${JSON.stringify(mode)}`, async () => {
      const client = await connect(mode)
      assert.equal(client.getNegotiatedProtocolVersion(), revision)
      const { tools } = await client.listTools()
      assert.deepEqual(
        tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint]),
        [
          ['bucket_list', true],
          ['search_packages', true],
          ['package_browse', true],
          ['object_read', true],
          ['package_create', false],
          ['s3_object_put', false],
        ],
      )
      assert.match(JSON.stringify(await client.callTool({ name: 'bucket_list' })), /quilt-lab/)
      const refused = await client.callTool({ name: 'object_read', arguments: { bucket: 'none', key: 'k' } })
      assert.equal(refused.isError, true)
    })
  }

  it('answers server/discover and tools/list with JSON, without a session', async () => {
    const response = await post('server/discover')
    assert.equal(response.headers.get('content-type'), 'application/json')
    assert.equal(response.headers.get('mcp-session-id'), null)
    const { result } = (await response.json()) as Answer
    assert.deepEqual(result?.supportedVersions, [REVISION])
    assert.equal((await post('tools/list')).headers.get('content-type'), 'application/json')
  })

  it('refuses headers that differ from the message, and unknown revisions', async () => {
    const cases: [headers: Record<string, string>, code: number][] = [
      [{ 'mcp-method': 'tools/call' }, -32020],
      [{ 'mcp-protocol-version': '2025-11-25' }, -32020],
    ]
    for (const [headers, code] of cases) {
      const response = await post('tools/list', headers)
      assert.equal(response.status, 400)
      assert.equal(((await response.json()) as Answer).error?.code, code)
    }
    await assert.rejects(connect({ pin: '2099-01-01' }), /2099-01-01/)
  })

  it('acknowledges a subscription and its end', async () => {
    const client = await connect('auto')
    const subscription = await client.listen({ toolsListChanged: true })
    await subscription.close()
    assert.equal(await subscription.closed, 'local')
  })
})
