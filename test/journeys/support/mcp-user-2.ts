import {
  Client,
  StreamableHTTPClientTransport,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { startCallbackServer } from './callback-server.ts'
import { ClientMemory, wantedPage, type UserOf } from './mcp-user.ts'

/** The SDK 2.x also keeps which authorization server it was sent to, and compares `iss` with it (RFC 9207). */
class ClientMemory2 extends ClientMemory implements OAuthClientProvider {
  #discovery: OAuthDiscoveryState | undefined

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery
  }
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state
  }
}

/**
 * An application with the SDK 2.x.
 *
 * @param mode - `legacy` speaks 2025-11-25; `auto` asks with server/discover, and speaks 2026-07-28 where it can
 */
export async function mcpUser2(url: string, mode: VersionNegotiationMode): Promise<UserOf<Client>> {
  const callback = await startCallbackServer()
  const memory = new ClientMemory2(callback.redirectUri, 'Claude Code')
  const transport = (): StreamableHTTPClientTransport =>
    new StreamableHTTPClientTransport(new URL(url), { authProvider: memory })
  const connect = async (): Promise<Client> => {
    const client = new Client({ name: 'Claude Code', version: '2.0.0' }, { versionNegotiation: { mode } })
    await client.connect(transport())
    closeAfterAll(() => client.close())
    return client
  }
  return {
    memory,
    callback,
    begin: () => wantedPage(memory, connect),
    async finish(answer) {
      await transport().finishAuth(answer)
      return await connect()
    },
  }
}
