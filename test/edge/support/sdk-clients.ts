import {
  auth as auth2,
  Client as Client2,
  StreamableHTTPClientTransport as Transport2,
} from '@modelcontextprotocol/client'
import { auth as auth1 } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { ClientMemory } from '../../journeys/support/mcp-user.ts'

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

/** An official TypeScript SDK, driven by the answers of a test. */
export interface Sdk {
  readonly name: string
  /** The SDK's reaction to a 401: discover, register, refresh, or open a browser. */
  authorize(memory: ClientMemory, serverUrl: string, fetchFn: Fetch): Promise<unknown>
  connect(memory: ClientMemory, serverUrl: string, fetch: Fetch): Promise<void>
}

const INFO = { name: 'Claude Code', version: '1.0.0' }

export const SDKS: readonly Sdk[] = [
  {
    name: 'SDK 1.x',
    authorize: (memory, serverUrl, fetchFn) => auth1(memory, { serverUrl, fetchFn }),
    connect: (authProvider, serverUrl, fetch) =>
      new Client1(INFO).connect(new Transport1(new URL(serverUrl), { authProvider, fetch })),
  },
  {
    name: 'SDK 2.x',
    authorize: (memory, serverUrl, fetchFn) => auth2(memory, { serverUrl, fetchFn }),
    connect: (authProvider, serverUrl, fetch) =>
      new Client2(INFO).connect(new Transport2(new URL(serverUrl), { authProvider, fetch })),
  },
]
