import assert from 'node:assert/strict'
import { json } from '../support/answer.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const CURSOR_URIS = [
  'cursor://anysphere.cursor-mcp/oauth/callback',
  'https://www.cursor.com/agents/mcp/oauth/callback',
  'http://localhost:8787/callback',
]

const VSCODE_URIS = [
  'https://insiders.vscode.dev/redirect',
  'https://vscode.dev/redirect',
  'http://127.0.0.1/',
  'http://127.0.0.1:33418/',
]

describe('Editors', () => {
  const connect = beforeAll(() => startConnect())

  async function registered(metadata: object): Promise<{ id: string; uris: unknown }> {
    const answer = await connect.register(metadata)
    assert.equal(answer.status, 201, answer.text)
    return { id: String(json(answer).client_id), uris: json(answer).redirect_uris }
  }

  /** Runs the flow and returns the state of the response. */
  async function stateAfter(redirectUri: string, id: string, state: string): Promise<string | null> {
    const client = new TestClient(connect.origin, { id, redirectUri })
    const browser = connect.browser()
    const callback = await approve(browser, await openConsent(browser, client.authorizationUrl({ state })))
    assert.ok(callback.href.startsWith(redirectUri), callback.href)
    tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
    return callback.searchParams.get('state')
  }

  // Source: Cursor's registration requests as quoted in issue threads; it sends `web` with a custom scheme.
  for (const applicationType of ['native', 'web', undefined]) {
    it(`Cursor registers three redirect URIs with application_type ${applicationType ?? 'absent'}, and returns to each`, async () => {
      const { id, uris } = await registered({
        client_name: 'Cursor',
        redirect_uris: CURSOR_URIS,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: applicationType,
      })
      assert.deepEqual(uris, CURSOR_URIS)
      for (const redirectUri of CURSOR_URIS) await stateAfter(redirectUri, id, 'x')
    })
  }

  it('Cursor keeps the redirect URIs that the operator allows', async () => {
    const narrow = await startConnect({ settings: { CONNECT_ALLOWED_HOSTS: 'localhost,cursor://' } })
    const answer = await narrow.register({ client_name: 'Cursor', redirect_uris: CURSOR_URIS })
    assert.equal(answer.status, 201)
    assert.deepEqual(json(answer).redirect_uris, [CURSOR_URIS[0], CURSOR_URIS[2]])
  })

  // Source: VS Code's registration and its `state`, which is base64 of random bytes.
  it('VS Code gets its base64 state back byte for byte at each redirect URI', async () => {
    const { id, uris } = await registered({
      client_name: 'Visual Studio Code',
      client_uri: 'https://code.visualstudio.com',
      redirect_uris: VSCODE_URIS,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    })
    const usable = VSCODE_URIS.filter((uri) => !uri.includes('insiders'))
    assert.deepEqual(uris, usable)
    for (const redirectUri of usable) {
      assert.equal(await stateAfter(redirectUri, id, 'a+b/c+//8w=='), 'a+b/c+//8w==')
    }
  })

  it('VS Code may use another port with a final slash', async () => {
    const { id } = await registered({ client_name: 'Visual Studio Code', redirect_uris: VSCODE_URIS })
    assert.equal(await stateAfter('http://127.0.0.1:51877/', id, 's+/='), 's+/=')
  })
})
