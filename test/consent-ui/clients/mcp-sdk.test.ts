import assert from 'node:assert/strict'
import { auth as auth2, type OAuthDiscoveryState } from '@modelcontextprotocol/client'
import { auth as auth1 } from '@modelcontextprotocol/sdk/client/auth.js'
import type { OAuthClientInformationMixed } from '@modelcontextprotocol/sdk/shared/auth.js'
import { ClientMemory } from '../../journeys/support/mcp-user.ts'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const REDIRECT_URI = 'http://localhost:54545/callback'
const DOCUMENT = 'https://claude.ai/oauth/claude-code-client-metadata'

class Memory extends ClientMemory {
  readonly clientMetadataUrl?: string
  #discovery: OAuthDiscoveryState | undefined

  constructor(clientMetadataUrl?: string) {
    super(REDIRECT_URI, 'An application')
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery
  }
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state
  }
}

/** Both SDK generations have this function, with types of their own. */
type Auth = (memory: Memory, options: AuthOptions) => Promise<string>

interface AuthOptions {
  readonly serverUrl: string
  readonly authorizationCode?: string
  readonly iss?: string
}

describe('The MCP SDK', () => {
  const connect = beforeAll(() => startConnect())

  /** Runs the flow from the URL to one refresh; returns the client. */
  async function connected(auth: Auth, memory: Memory): Promise<OAuthClientInformationMixed | undefined> {
    const serverUrl = `${connect.origin}/mcp/platform/mcp`
    assert.equal(await auth(memory, { serverUrl }), 'REDIRECT')
    const browser = connect.browser()
    const url = memory.authorizationUrl?.href ?? ''
    const { searchParams } = await approve(browser, await openConsent(browser, url))
    const answer = { authorizationCode: searchParams.get('code') ?? '', iss: searchParams.get('iss') ?? '' }
    assert.equal(await auth(memory, { serverUrl, ...answer }), 'AUTHORIZED')
    const first = memory.tokens()?.refresh_token
    assert.equal(await auth(memory, { serverUrl }), 'AUTHORIZED')
    assert.notEqual(memory.tokens()?.refresh_token, first)
    return memory.clientInformation()
  }

  for (const [generation, auth] of [
    ['1.x', auth1],
    ['2.x', auth2],
  ] as const) {
    it(`${generation} connects with the document of Claude Code, without a registration`, async () => {
      const client = await connected(auth, new Memory(DOCUMENT))
      assert.equal(client?.client_id, DOCUMENT)
    })

    for (const method of ['client_secret_basic', 'client_secret_post', 'none'] as const) {
      it(`${generation} connects as a client that registers for ${method}`, async () => {
        const memory = new Memory()
        memory.clientMetadata.token_endpoint_auth_method = method
        const client = await connected(auth, memory)
        assert.equal(client?.client_secret === undefined, method === 'none')
      })
    }
  }
})
