import assert from 'node:assert/strict'
import {
  Client as Client2,
  StreamableHTTPClientTransport as Transport2,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { z } from 'zod'
import { READING_METHODS } from '../../../core/services/read-only-tools.ts'
import { ADA } from '../../../deploy/demo/people.ts'
import { createPlatformMcp } from '../../../deploy/demo/platform-mcp/server.ts'
import { startRegistry } from '../../deploy/demo/support/registry.ts'
import { SILENT, start } from '../../deploy/demo/support/start.ts'
import { mcpClient1, mcpClient2, type McpClient } from '../../journeys/support/mcp-client.ts'
import { ClientMemory } from '../../journeys/support/mcp-user.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { startPolicyGate } from './support/policy-gate.ts'
import { beforeAll } from '../../support/before-all.ts'

const READ = {
  tools: new Set(['bucket_list', 'search_packages', 'object_read']),
  methods: new Set(READING_METHODS),
}

/** A key chain that says when a client begins to sign in again. */
class WatchedMemory extends ClientMemory {
  asked = 0

  override clientInformation(): ReturnType<ClientMemory['clientInformation']> {
    this.asked += 1
    return super.clientInformation()
  }
}

interface Connected {
  readonly client: McpClient
  listTasks(): Promise<unknown>
  notifyOfNothing(): Promise<void>
}

const TASKS = { method: 'tasks/list' } as const
const NOTHING = { method: 'notifications/nothing' }

/** Sends another tool in the header than in the body, like a faulty client or proxy. */
const withWrongName: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers)
  if (headers.has('mcp-name')) headers.set('mcp-name', 'object_read')
  return fetch(input, { ...init, headers })
}

describe('SDK clients with read access', () => {
  let url: string
  let token: string

  before(async () => {
    const registry = await startRegistry()
    const registryUrl = new URL(registry.origin)
    const service = await start(() => createPlatformMcp({ registryUrl, log: SILENT }))
    token = await registry.tokenOf(ADA)
    url = await startPolicyGate(`${service.origin}/mcp`, READ)
  })

  function memoryWithToken(): WatchedMemory {
    const memory = new WatchedMemory('http://127.0.0.1/callback', 'test')
    memory.saveTokens({ access_token: token, token_type: 'Bearer', refresh_token: 'r' })
    return memory
  }

  async function connect1(authProvider: WatchedMemory): Promise<Connected> {
    const client = new Client1({ name: 'test', version: '1.0.0' })
    await client.connect(new Transport1(new URL(url), { authProvider }))
    closeAfterAll(() => client.close())
    return {
      client: mcpClient1(client),
      listTasks: () => client.request(TASKS, z.unknown()),
      notifyOfNothing: () => client.notification(NOTHING),
    }
  }

  async function connect2(
    authProvider: WatchedMemory,
    mode: VersionNegotiationMode,
    fetchWith: typeof fetch = fetch,
  ): Promise<Connected> {
    const client = new Client2({ name: 'test', version: '2.0.0' }, { versionNegotiation: { mode } })
    await client.connect(new Transport2(new URL(url), { authProvider, fetch: fetchWith }))
    closeAfterAll(() => client.close())
    return {
      client: mcpClient2(client),
      listTasks: () => client.request(TASKS, z.unknown()),
      notifyOfNothing: () => client.notification(NOTHING),
    }
  }

  const generations: [name: string, connect: (memory: WatchedMemory) => Promise<Connected>][] = [
    ['SDK 1.x', connect1],
    ['SDK 2.x in MCP 2025-11-25', (memory) => connect2(memory, 'legacy')],
    ['SDK 2.x in MCP 2026-07-28', (memory) => connect2(memory, { pin: '2026-07-28' })],
  ]
  for (const [name, connect] of generations) {
    describe(name, () => {
      const memory = beforeAll(() => memoryWithToken())
      const connected = beforeAll(() => connect(memory))

      before(() => {
        memory.asked = 0
      })
      afterEach('does not sign in again', () => {
        assert.equal(memory.asked, 0)
        assert.equal(memory.authorizationUrl, undefined)
      })

      it('lists the allowed tools', async () => {
        assert.deepEqual((await connected.client.toolNames()).toSorted(), [
          'bucket_list',
          'object_read',
          'search_packages',
        ])
      })

      it('calls an allowed tool', async () => {
        assert.match(await connected.client.call('bucket_list', {}), /quilt-lab/)
      })

      it('shows why a tool is refused, and how to get full access', async () => {
        await assert.rejects(
          connected.client.call('s3_object_put', { bucket: 'quilt-lab', key: 'a', content: 'b' }),
          { code: 1001, message: /read-only access.*this tool.*Read and change/ },
        )
        assert.match(await connected.client.call('bucket_list', {}), /quilt-lab/)
      })

      it('shows the fault of an ambiguous call', async () => {
        await assert.rejects(
          connected.client.call('bucket_list', { half: '\ud83d' }),
          /half a character \(a lone surrogate\)/,
        )
      })

      it('continues after a refused notification', async () => {
        await assert.rejects(connected.notifyOfNothing(), /does not include this method/)
        assert.match(await connected.client.call('bucket_list', {}), /quilt-lab/)
      })
    })
  }

  it('shows why a method is refused', async () => {
    for (const connected of [
      await connect1(memoryWithToken()),
      await connect2(memoryWithToken(), 'legacy'),
    ]) {
      await assert.rejects(connected.listTasks(), {
        code: 1001,
        message: /read-only access.*this method.*Read and change/,
      })
    }
  })

  it('shows that a header does not match the body', async () => {
    const memory = memoryWithToken()
    const { client } = await connect2(memory, { pin: '2026-07-28' }, withWrongName)
    await assert.rejects(client.call('bucket_list', {}), { code: -32020, message: /does not match the body/ })
    assert.equal(memory.authorizationUrl, undefined)
  })
})
