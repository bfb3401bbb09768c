import assert from 'node:assert/strict'
import type { Page } from '../../support/http-browser.ts'
import type { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'
import { ScriptedRegistry } from '../support/scripted-registry.ts'
import { OUR_CLIENT } from '../support/organisation.ts'

const STRANGER = 'https://evil.example'

describe('An identity provider', () => {
  let provider: ScriptedIdentityProvider
  let connect: Connect
  let client: TestClient

  beforeEach(async () => {
    provider = new ScriptedIdentityProvider()
    connect = await startConnect({
      identityProvider: (issuer, uri) => provider.listener(issuer, uri),
      // The demo's fetches the discovery document too.
      registry: new ScriptedRegistry().listener,
    })
    client = await connect.client()
  })

  describe('receives the client secret', () => {
    async function authentication(methods: readonly string[] | undefined) {
      provider.metadata = { token_endpoint_auth_methods_supported: methods }
      const page = await connect.browser().open(client.authorizationUrl())
      assert.equal(page.status, 200, page.text)
      return provider.authentication
    }

    it('in the form when it lists only client_secret_post', async () => {
      const shown = await authentication(['private_key_jwt', 'client_secret_post'])
      assert.equal(shown?.header, undefined)
      assert.equal(shown?.form.get('client_secret'), OUR_CLIENT.secret)
      assert.equal(shown.form.get('client_id'), OUR_CLIENT.id)
    })

    it('in a signed assertion when it lists only client_secret_jwt', async () => {
      const shown = await authentication(['client_secret_jwt'])
      assert.match(shown?.form.get('client_assertion') ?? '', /^eyJ/)
      assert.equal(shown?.form.get('client_secret'), null)
    })

    for (const methods of [undefined, ['client_secret_post', 'client_secret_basic']]) {
      it(`by HTTP Basic when it lists ${methods?.join(' and ') ?? 'nothing'}`, async () => {
        const shown = await authentication(methods)
        assert.match(shown?.header ?? '', /^Basic /)
        assert.equal(shown?.form.get('client_secret'), null)
      })
    }
  })

  describe('has its discovery document fetched again', () => {
    const signIn = async (): Promise<Page> => await connect.browser().open(client.authorizationUrl())

    it('after an hour, and not before', async () => {
      await signIn()
      await connect.passTime(3500)
      client = await connect.client()
      await signIn()
      assert.equal(provider.discoveries, 1)
      await connect.passTime(100)
      await signIn()
      assert.equal(provider.discoveries, 2)
    })

    it('soon after a request failed, since its endpoints may have moved', async () => {
      await signIn()
      provider.odd = { '/authorize-2': { status: 200, body: 'moved here', type: 'text/html' } }
      provider.metadata = {
        authorization_endpoint: `${connect.organisation.identityProvider.origin}/authorize-2`,
      }
      provider.odd = { ...provider.odd, '/token': { status: 404, body: 'gone', type: 'text/html' } }
      assert.equal((await signIn()).status, 503)
      assert.equal((await signIn()).status, 503)
      assert.equal(provider.discoveries, 1, 'however many fail at once')
      await connect.passTime(10)
      assert.equal((await signIn()).text, 'moved here')
    })

    it('without a failure when it is down: the earlier document is used', async () => {
      await signIn()
      await connect.passTime(3600)
      provider.odd = { '/.well-known/openid-configuration': { status: 500, body: '' } }
      assert.equal((await signIn()).status, 200)
    })
  })

  describe('leads to a log line that names', () => {
    async function failed(): Promise<string> {
      const { length } = connect.lines
      const { status } = await connect.browser().open(client.authorizationUrl())
      assert.ok(status === 503 || status === 403)
      return connect.lines.slice(length).join('')
    }

    it('a wrong client secret', async () => {
      const body = JSON.stringify({
        error: 'invalid_client',
        error_description: 'AADSTS7000215: wrong secret',
      })
      provider.odd = { '/token': { status: 401, body } }
      assert.match(
        await failed(),
        /error invalid_client, description AADSTS7000215: wrong secret, status 401/,
      )
    })

    it('the found and the expected issuer of the discovery document', async () => {
      const { origin } = connect.organisation.identityProvider
      provider.metadata = { issuer: STRANGER }
      assert.match(await failed(), new RegExp(`issuer: found ${STRANGER}, expected ${origin}/`))
    })

    it('an HTML page in place of the discovery document', async () => {
      const page = { status: 404, body: '<html>', type: 'text/html' }
      provider.odd = { '/.well-known/openid-configuration': page }
      assert.match(await failed(), /HTTP 404 text\/html/)
    })

    it('the reason of a refusal', async () => {
      provider.callback = { error: 'invalid_scope', error_description: 'no scope email here' }
      assert.match(await failed(), /error invalid_scope, description no scope email here/)
    })

    it('the issuer of an ID token', async () => {
      provider.claims = { iss: STRANGER }
      assert.match(await failed(), new RegExp(`iss: found ${STRANGER}, expected http`))
    })

    it('no code, verifier or secret that the provider repeats', async () => {
      provider.repeats = true
      assert.match(await failed(), /description no \[secret\] \[secret\] \[secret\]/)
      const { form } = provider.authentication ?? {}
      const secrets = [form?.get('code'), form?.get('code_verifier'), OUR_CLIENT.secret]
      const log = connect.lines.join('')
      for (const secret of secrets) assert.ok(secret && !log.includes(secret))
    })
  })
})
