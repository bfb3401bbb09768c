import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { ADA } from '../../../deploy/demo/people.ts'
import { readForm } from '../../support/html-form.ts'
import { get, json, type Answer, type HeaderFields } from '../support/answer.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_ALONE, quiltCodeOf } from '../support/pasted-code.ts'

const ORIGIN = 'https://connect.example'
const ISSUER = `${ORIGIN}:443`

/** `ISSUER_EXPLICIT_PORT=true`: the issuer that Databricks needs. */
describe('An issuer with an explicit port', () => {
  let connect: Connect
  let client: TestClient

  before(async () => {
    const settings = { ...CODE_ALONE, CONNECT_ORIGIN: ORIGIN, ISSUER_EXPLICIT_PORT: 'true' }
    connect = await startConnect({ settings })
    client = await connect.client()
  })

  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    it(`is in ${name} byte for byte, as in every endpoint, and iss is not advertised`, async () => {
      const expected =
        `{"issuer":"${ISSUER}","authorization_endpoint":"${ISSUER}/connect/authorize",` +
        `"token_endpoint":"${ISSUER}/auth/token","registration_endpoint":"${ISSUER}/auth/register",` +
        `"revocation_endpoint":"${ISSUER}/auth/revoke","jwks_uri":"${ISSUER}/auth/.well-known/jwks.json",`
      for (const path of ['', '/mcp/platform/mcp', '/mcp/platform', '/mcp']) {
        for (const url of [`/.well-known/${name}${path}`, `${path}/.well-known/${name}`]) {
          const { text } = await connect.get(url)
          assert.ok(text.startsWith(expected), text)
          assert.ok(!text.includes('authorization_response_iss_parameter_supported'))
        }
      }
    })
  }

  it('is the authorization server of protected resources, which have no port', async () => {
    for (const [path, resource] of [
      ['', '/mcp/platform'],
      ['/mcp/platform', '/mcp/platform'],
      ['/mcp/platform/mcp', '/mcp/platform/mcp'],
      ['/mcp', '/mcp'],
    ] as const) {
      const document = json(await connect.get(`/.well-known/oauth-protected-resource${path}`))
      assert.equal(document.resource, ORIGIN + resource)
      assert.deepEqual(document.authorization_servers, [ISSUER])
    }
  })

  it('is in tokens, whose audience has no port, and responses carry no iss', async () => {
    const { page, cookie } = await opened({ resource: `${ORIGIN}:443/mcp/platform/mcp` })
    const code = await quiltCodeOf(connect, ADA)
    const consent = await answered({ page, cookie }, { decision: 'code', quilt_code: code })
    const approved = await answered(consent, { decision: 'continue' })
    const callback = new URL(approved.location)
    assert.deepEqual([...callback.searchParams.keys()], ['code', 'state'])
    const redeemed = tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
    const refreshed = tokensOf(await client.refresh(redeemed.refresh_token))
    for (const { access_token: token } of [redeemed, refreshed]) {
      assert.equal(decodeJwt(token).iss, ISSUER)
      assert.equal(decodeJwt(token).aud, `${ORIGIN}/mcp/platform`)
    }
    assert.equal((await client.revoke(refreshed.access_token)).status, 200)
    assert.equal((await client.refresh(refreshed.refresh_token)).status, 400, 'the session is over')
  })

  it('is not in error responses either', async () => {
    const answer = await connect.get(pathOf(client.authorizationUrl({ response_mode: 'x' })))
    const { searchParams } = new URL(answer.headers.get('location') ?? '')
    assert.equal(searchParams.get('error'), 'invalid_request')
    assert.ok(!searchParams.has('iss'))
  })

  it('accepts forms whose Origin header has no port', async () => {
    const { page, cookie } = await opened({})
    const refused = await answered({ page, cookie }, { decision: 'cancel' }, ISSUER)
    assert.equal(refused.status, 403)
    assert.equal((await answered({ page, cookie }, { decision: 'cancel' })).status, 303)
  })

  /** The page at the path of a URL; the configured origin does not resolve in a test. */
  async function opened(changes: Record<string, string>): Promise<Tab> {
    const asked = await connect.get(pathOf(client.authorizationUrl(changes)))
    const cookie = cookieOf(asked) ?? ''
    return { page: await shown(asked.headers.get('location') ?? '', { cookie }), cookie }
  }

  interface Shown extends Answer {
    readonly path: string
  }

  interface Tab {
    readonly page: Shown
    readonly cookie: string
  }

  async function shown(path: string, headers: HeaderFields): Promise<Shown> {
    return { ...(await connect.get(path, headers)), path }
  }

  async function answered({ page, cookie }: Tab, fields: Record<string, string>, origin = ORIGIN) {
    const form = { ...readForm(page.text, ORIGIN + page.path).fields, ...fields }
    const answer = await connect.post(page.path, form, { cookie, origin })
    const next = cookieOf(answer) ?? cookie
    const location = answer.headers.get('location') ?? ''
    const nextPage = location.startsWith('/') ? await shown(location, { cookie: next }) : page
    return { status: answer.status, location, page: nextPage, cookie: next }
  }
})

describe('ISSUER_EXPLICIT_PORT', () => {
  for (const [origin, on, issuer] of [
    ['https://connect.example', 'false', 'https://connect.example'],
    ['https://connect.example', '', 'https://connect.example'],
    ['https://connect.example:443', 'false', 'https://connect.example'],
    ['https://connect.example:443', 'true', 'https://connect.example:443'],
    ['https://connect.example:8443', 'true', 'https://connect.example:8443'],
    ['https://connect.example:8443', 'false', 'https://connect.example:8443'],
  ] as const) {
    it(`${on || 'unset'} at ${origin} makes the issuer ${issuer}`, async () => {
      const connect = await startConnect({ settings: { CONNECT_ORIGIN: origin, ISSUER_EXPLICIT_PORT: on } })
      const metadata = json(await get(`${connect.origin}/.well-known/oauth-authorization-server`))
      assert.equal(metadata.issuer, issuer)
      const saysIss = metadata.authorization_response_iss_parameter_supported === true
      assert.equal(saysIss, !issuer.endsWith(':443'))
    })
  }

  for (const value of ['yes', '1', 'TRUE']) {
    it(`is refused with the value ${value}`, async () => {
      await assert.rejects(
        startConnect({ settings: { ISSUER_EXPLICIT_PORT: value } }),
        /ISSUER_EXPLICIT_PORT must be true or false/,
      )
    })
  }
})

function cookieOf({ headers }: Answer): string | undefined {
  return headers.getSetCookie().at(-1)?.split(';', 1)[0]
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}
