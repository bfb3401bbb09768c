import assert from 'node:assert/strict'
import { json } from '../support/answer.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { FILES, PLATFORM } from '../../support/services.ts'
import { beforeAll } from '../../support/before-all.ts'

interface Endpoint {
  readonly methods: readonly string[]
  readonly aliases: readonly string[]
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  authorization_endpoint: { methods: ['GET', 'POST'], aliases: ['/authorize'] },
  token_endpoint: { methods: ['POST'], aliases: ['/token'] },
  registration_endpoint: { methods: ['POST'], aliases: ['/register'] },
  revocation_endpoint: { methods: ['POST'], aliases: [] },
  jwks_uri: { methods: ['GET'], aliases: [] },
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

describe('The metadata', () => {
  const connect = beforeAll(() => startConnect({ services: [PLATFORM, FILES] }))
  const metadata = beforeAll(async () => json(await connect.get('/.well-known/oauth-authorization-server')))

  it('T02: advertises every endpoint that works, and no other', () => {
    const advertised = Object.keys(metadata).filter((name) => /_(endpoint|uri)$/.test(name))
    assert.deepEqual(advertised.sort(), Object.keys(ENDPOINTS).sort())
  })

  for (const [name, { methods, aliases }] of Object.entries(ENDPOINTS)) {
    it(`T02: ${name} answers ${methods.join(' and ')} at each of its addresses, and no other method`, async () => {
      const urls = [String(metadata[name]), ...aliases.map((path) => connect.origin + path)]
      for (const url of urls) {
        for (const method of METHODS) {
          const { status } = await fetch(url, { method, redirect: 'manual' })
          assert.equal(status === 405, !methods.includes(method), `${method} ${url}: ${status}`)
          assert.ok(status < 500 && status !== 404, `${method} ${url}: ${status}`)
        }
      }
    })
  }

  it('T02: supports every advertised grant and response type, and no other', async () => {
    const client = await connect.client()
    for (const [grantType, isKnown] of [
      ...(metadata.grant_types_supported as string[]).map((type) => [type, true] as const),
      ...['password', 'client_credentials', 'implicit'].map((type) => [type, false] as const),
      ['urn:ietf:params:oauth:grant-type:device_code', false],
      ['urn:ietf:params:oauth:grant-type:token-exchange', false],
    ] as const) {
      const answer = await client.token({ grant_type: grantType })
      assert.equal(answer.status, 400)
      assert.equal(json(answer).error === 'unsupported_grant_type', !isKnown, `${grantType}: ${answer.text}`)
    }
  })

  it('T02: grants every advertised scope at its service, also all of them together', async () => {
    const client = await connect.client()
    const scope = (metadata.scopes_supported as string[]).join(' ')
    assert.equal(scope, 'platform files offline_access')
    for (const [path, granted] of [
      ['/mcp/platform/mcp', 'platform offline_access'],
      ['/files', 'files offline_access'],
    ] as const) {
      const request = { scope, resource: connect.origin + path }
      const code = await codeFor(connect, client, { request })
      assert.equal(json(await client.redeem(code)).scope, granted)
    }
  })

  it('T02: has no null member, and every URL is on our origin', async () => {
    for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource']) {
      const { text } = await connect.get(path)
      assert.ok(!text.includes('null'), text)
      for (const [url] of text.matchAll(/https?:\/\/[^"]*/g)) assert.ok(url.startsWith(connect.origin), url)
    }
  })

  it('has every member that OpenID Connect Discovery (section 3) requires', () => {
    for (const name of [
      ...['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri', 'response_types_supported'],
      ...['subject_types_supported', 'id_token_signing_alg_values_supported', 'scopes_supported'],
    ]) {
      assert.ok(name in metadata, name)
    }
  })
})
