import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  Client,
  CrossAppAccessProvider,
  discoverAndRequestJwtAuthGrant,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { ADA, GRACE, type DemoPerson } from '../../deploy/demo/people.ts'
import { registryUrlOf } from '../../deploy/local/context/addresses.ts'
import { beforeAll } from '../support/before-all.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { ASSISTANT, startAssertionIssuer } from './support/assertion-issuer.ts'
import { mcpClient2 } from './support/mcp-client.ts'
import { rawPost } from './support/raw-post.ts'
import { recordedStack } from './support/recorded-stack.ts'

const CONFIGURED = {
  client_id: ASSISTANT.id,
  client_name: 'Assistant',
  redirect_uris: ['http://localhost/callback'],
  secret_sha256: createHash('sha256').update(ASSISTANT.secret).digest('hex'),
}

describe('An assistant that the organisation manages', function () {
  this.timeout(60_000)

  const issuer = beforeAll(() => startAssertionIssuer())
  const stack = beforeAll(() =>
    recordedStack({
      changes: {
        'consent-ui': {
          OIDC_ISSUER: issuer.origin,
          CONNECT_CLIENTS: JSON.stringify([CONFIGURED]),
          ENTERPRISE_CLIENTS: JSON.stringify([{ client_id: ASSISTANT.id }]),
        },
        registry: { DEMO_REGISTRY_IDENTITY_PROVIDER: issuer.origin },
      },
    }),
  )

  /** The official SDK: ID token → identity assertion → access token, when the service asks for one. */
  async function connectAs(person: DemoPerson) {
    const provider = new CrossAppAccessProvider({
      clientId: ASSISTANT.id,
      clientSecret: ASSISTANT.secret,
      expectedIssuer: stack.origin,
      assertion: async ({ authorizationServerUrl, resourceUrl, scope }) => {
        const { jwtAuthGrant } = await discoverAndRequestJwtAuthGrant({
          idpUrl: issuer.origin,
          audience: authorizationServerUrl,
          resource: resourceUrl,
          idToken: issuer.idTokenOf(person),
          clientId: 'assistant-at-the-identity-provider',
          ...(scope === undefined ? {} : { scope }),
        })
        return jwtAuthGrant
      },
    })
    const client = new Client({ name: 'Assistant', version: '1.0.0' })
    await client.connect(new StreamableHTTPClientTransport(new URL(stack.mcpUrl), { authProvider: provider }))
    closeAfterAll(() => client.close())
    return { mcp: mcpClient2(client), token: (): string => provider.tokens()?.access_token ?? '' }
  }

  it('connects each user without a browser, read only, with what their own role may see', async () => {
    const [ada, grace] = await Promise.all([connectAs(ADA), connectAs(GRACE)])
    const tools = await ada.mcp.toolNames()
    assert.ok(tools.includes('search_packages') && !tools.includes('package_create'), tools.join())
    assert.match(await ada.mcp.call('bucket_list', {}), /quilt-lab/)
    assert.doesNotMatch(await grace.mcp.call('bucket_list', {}), /quilt-lab/)
  })

  it('has one session: the token of an earlier assertion gets 401 once there is a newer one', async () => {
    const earlier = (await connectAs(ADA)).token()
    assert.equal((await rawPost(stack.mcpUrl, [`Bearer ${earlier}`])).status, 200)
    const later = (await connectAs(ADA)).token()
    assert.equal((await rawPost(stack.mcpUrl, [`Bearer ${earlier}`])).status, 401)
    assert.equal((await rawPost(stack.mcpUrl, [`Bearer ${later}`])).status, 200)
  })

  it('refuses a user whom Quilt has deactivated, until they are active again', async () => {
    const activation = `${registryUrlOf(stack.context)}/demo/people/${GRACE.quilt.name}/active`
    const setActive = async (active: boolean): Promise<void> => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(activation, { method: 'POST', headers, body: JSON.stringify({ active }) })
      assert.ok(answer.ok, `${answer.status} ${await answer.text()}`)
    }
    await setActive(false)
    await assert.rejects(connectAs(GRACE), /Quilt does not accept this user/)
    await setActive(true)
    assert.ok((await connectAs(GRACE)).token() !== '')
  })

  it('leaves no assertion in a log', () => {
    assert.doesNotMatch(stack.lines.join('\n'), /eyJ[\w-]+\.eyJ/)
  })
})
