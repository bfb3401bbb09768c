import type { DemoPerson } from '../../../deploy/demo/people.ts'
import { connectAs, type AccessChoice } from './consent.ts'
import { mcpClient1, mcpClient2, type McpClient } from './mcp-client.ts'
import { mcpUser, type ClientMemory } from './mcp-user.ts'
import { mcpUser2 } from './mcp-user-2.ts'

export interface Connected {
  readonly client: McpClient
  readonly memory: ClientMemory
}

/** From the URL to a connected client. */
export type Connect = (url: string, person: DemoPerson, access?: AccessChoice) => Promise<Connected>

/** An SDK, and the MCP revision that it speaks. */
interface Generation {
  readonly name: string
  readonly revision: string
  readonly connect: Connect
}

function withSdk2(mode: 'legacy' | 'auto'): Connect {
  return async (url, person, access) => {
    const user = await mcpUser2(url, mode)
    return { client: mcpClient2(await connectAs(user, person, access)), memory: user.memory }
  }
}

/** Those that keep a GET stream open, for what the service says by itself. */
export const GENERATIONS_OF_2025: readonly Generation[] = [
  {
    name: 'SDK 1.x in MCP 2025-11-25',
    revision: '2025-11-25',
    connect: async (url, person, access) => {
      const user = await mcpUser(url)
      return { client: mcpClient1(await connectAs(user, person, access)), memory: user.memory }
    },
  },
  {
    name: 'SDK 2.x in MCP 2025-11-25',
    revision: '2025-11-25',
    connect: withSdk2('legacy'),
  },
]

/** Every combination that clients in use come as. */
export const GENERATIONS: readonly Generation[] = [
  ...GENERATIONS_OF_2025,
  {
    name: 'SDK 2.x in MCP 2026-07-28',
    revision: '2026-07-28',
    connect: withSdk2('auto'),
  },
]
