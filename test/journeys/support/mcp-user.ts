import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { startCallbackServer, type CallbackServer } from './callback-server.ts'

/** What an MCP client remembers of one server, as Claude Code or an IDE would in its key chain. */
export class ClientMemory implements OAuthClientProvider {
  readonly redirectUrl: string
  readonly clientMetadata: OAuthClientMetadata
  /** Where the client wants to send a browser; taken away when it is read. */
  authorizationUrl: URL | undefined
  #client: OAuthClientInformationMixed | undefined
  #tokens: OAuthTokens | undefined
  #verifier = ''

  constructor(redirectUrl: string, clientName: string) {
    this.redirectUrl = redirectUrl
    this.clientMetadata = {
      client_name: clientName,
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }
  }

  state(): string {
    return STATE
  }
  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.#client
  }
  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.#client = client
  }
  tokens(): OAuthTokens | undefined {
    return this.#tokens
  }
  saveTokens(tokens: OAuthTokens): void {
    this.#tokens = tokens
  }
  /** As a client does that was told that they are no good. */
  forgetTokens(): void {
    this.#tokens = undefined
    this.authorizationUrl = undefined
  }
  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }
  codeVerifier(): string {
    return this.#verifier
  }
}

/** As VS Code's: base64, whose characters must come back as they were. */
export const STATE = 'c3RhdGU+/w=='

/** An application on the user's own computer, with an MCP SDK of whichever generation. */
export interface UserOf<AnyClient> {
  readonly memory: ClientMemory
  readonly callback: CallbackServer
  /** Begins to connect, up to where the browser is needed: the URL to open. */
  begin(): Promise<URL>
  /** Goes on with what came back to the callback, and connects. */
  finish(answer: URLSearchParams): Promise<AnyClient>
}

/** One with the SDK 1.x. */
export interface McpUser extends UserOf<Client> {
  /** Goes on with what came back to the callback, as far as that it has tokens. */
  redeem(answer: URLSearchParams): Promise<void>
  /** Connects with the tokens that it has. */
  connect(): Promise<Client>
}

/** @param headers - further headers that the client sends with every request */
export async function mcpUser(
  url: string,
  { name = 'Claude Code', headers = {} }: { name?: string; headers?: Record<string, string> } = {},
): Promise<McpUser> {
  const callback = await startCallbackServer()
  const memory = new ClientMemory(callback.redirectUri, name)
  const transport = (): StreamableHTTPClientTransport =>
    new StreamableHTTPClientTransport(new URL(url), { authProvider: memory, requestInit: { headers } })
  const connect = async (): Promise<Client> => {
    const client = new Client({ name, version: '1.0.0' })
    await client.connect(transport())
    closeAfterAll(() => client.close())
    return client
  }
  const redeem = (answer: URLSearchParams): Promise<void> => transport().finishAuth(answer.get('code') ?? '')
  return {
    memory,
    callback,
    connect,
    redeem,
    begin: () => wantedPage(memory, connect),
    async finish(answer) {
      await redeem(answer)
      return await connect()
    },
  }
}

/** The page that the client wants to open when it has no tokens yet. */
export async function wantedPage(memory: ClientMemory, connect: () => Promise<unknown>): Promise<URL> {
  await connect().catch((error: unknown) => {
    if (!(error instanceof Error) || error.constructor.name !== 'UnauthorizedError') throw error
  })
  if (memory.authorizationUrl === undefined) throw new Error('the client did not ask for a browser')
  return memory.authorizationUrl
}
