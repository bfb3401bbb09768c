import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { createIdentityProvider } from '../../../../deploy/demo/identity-provider/provider.ts'
import { ADA, GRACE, PEOPLE, type DemoPerson } from '../../../../deploy/demo/people.ts'
import { createRegistry } from '../../../../deploy/demo/registry/server.ts'
import { SILENT, start, type Started } from '../support/start.ts'
import { visitor } from '../support/visitor.ts'
import { call, EVERYWHERE_200, statusesOf } from './support/call.ts'
import { beforeAll } from '../../../support/before-all.ts'

/** Characters that form-encoding changes; oidc-provider accepts ASCII only. */
const CLIENT = { id: 'connect+server', secret: 's3cret:/&% +' }
const TOKEN_SECONDS = 3600

describe("Logging in at the demo Registry's API", () => {
  let identityProvider: Started

  const registry = beforeAll(
    async () =>
      await start(async (origin) => {
        const redirectUri = `${origin}/oauth-callback`
        const settings = {
          client: { ...CLIENT, redirectUris: [redirectUri] },
          people: [ADA, withoutAccount()],
          log: SILENT,
        }
        identityProvider = await start((issuer) => createIdentityProvider({ ...settings, issuer }))
        return createRegistry({
          identityProvider: identityProvider.origin,
          client: CLIENT,
          people: PEOPLE,
          tokenSeconds: TOKEN_SECONDS,
          log: SILENT,
          now: () => Math.floor(Date.now() / 1000),
        })
      }),
  )

  function withoutAccount(): DemoPerson {
    return { ...GRACE, email: 'charles@example.com' }
  }

  const login = (json: unknown) => call(registry, ['POST', '/api/login'], { json })
  const REFUSED = [401, { message: 'Login attempt failed' }]

  async function assertLoggedIn(json: unknown, name: string): Promise<void> {
    const { status, body } = await login(json)
    assert.equal(status, 200)
    const { token, exp, ...same } = body as { token: string; exp: number }
    assert.deepEqual(same, { refresh_token: token, access_token: token })
    assert.equal(decodeJwt(token).exp, exp)
    assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_200)
    const me = await call(registry, ['GET', '/api/me'], { authorization: token })
    assert.equal((me.body as { current_user: string }).current_user, name)
  }

  it('accepts a password with the user name or the e-mail', async () => {
    await assertLoggedIn({ username: 'ada', password: ADA.password }, 'ada')
    await assertLoggedIn({ username: 'Grace@example.com', password: GRACE.password }, 'grace')
  })

  it('refuses the password of another user, and an unknown name', async () => {
    for (const json of [
      { username: 'ada', password: GRACE.password },
      { username: 'ada', password: '' },
      { username: 'charles', password: ADA.password },
    ]) {
      const { status, body } = await login(json)
      assert.deepEqual([status, body], REFUSED)
    }
  })

  it('returns 400 for an invalid body', async () => {
    const incomplete = [
      { username: 'ada' },
      { provider: 'okta' },
      { provider: 'facebook', code: 'x' },
      [],
      'ada',
    ]
    for (const json of incomplete) assert.equal((await login(json)).status, 400, JSON.stringify(json))
    const form = { username: 'ada', password: ADA.password }
    assert.equal((await call(registry, ['POST', '/api/login'], { form })).status, 400)
  })

  async function signInUrl(provider = 'okta', state = 'the state'): Promise<URL> {
    const path = `/oidc-authorize/${provider}?${new URLSearchParams({ state }).toString()}`
    const { status, headers } = await call(registry, ['GET', path])
    assert.equal(status, 302)
    return new URL(headers.get('location') ?? '')
  }

  /** @returns where the identity provider sends the browser */
  async function signInAs({ email, password }: DemoPerson): Promise<URL> {
    const browser = visitor(identityProvider.origin)
    const page = await browser.open((await signInUrl()).href)
    const back = await browser.submit(page.url, { email, password })
    return new URL(back.url)
  }

  it('redirects to the identity provider for each provider name', async () => {
    for (const provider of ['google', 'okta', 'onelogin', 'azure']) {
      const url = await signInUrl(provider, 'a&b=c')
      assert.equal(url.origin, identityProvider.origin)
      const { code_challenge: challenge, ...parameters } = Object.fromEntries(url.searchParams)
      assert.match(challenge ?? '', /^[\w-]{43}$/)
      assert.deepEqual(parameters, {
        client_id: CLIENT.id,
        redirect_uri: `${registry.origin}/oauth-callback`,
        response_type: 'code',
        scope: 'openid email',
        state: 'a&b=c',
        code_challenge_method: 'S256',
      })
    }
    assert.equal((await call(registry, ['GET', '/oidc-authorize/facebook'])).status, 404)
  })

  it('accepts a code of the identity provider once', async () => {
    const back = await signInAs(ADA)
    assert.equal(back.origin + back.pathname, `${registry.origin}/oauth-callback`)
    assert.equal(back.searchParams.get('state'), 'the state')
    const json = { provider: 'okta', code: back.searchParams.get('code') }
    await assertLoggedIn(json, 'ada')
    const { status, body } = await login(json)
    assert.deepEqual([status, body], REFUSED)
  })

  it('refuses a code that the identity provider does not know', async () => {
    const { status, body } = await login({ provider: 'okta', code: 'made up' })
    assert.deepEqual([status, body], REFUSED)
  })

  it('refuses a user of the organisation without a Quilt account', async () => {
    const code = (await signInAs(withoutAccount())).searchParams.get('code')
    const { status, body } = await login({ provider: 'okta', code })
    assert.deepEqual([status, body], [401, { message: 'user does not exist' }])
  })

  it('returns 503 while the identity provider is down', async () => {
    const code = (await signInAs(ADA)).searchParams.get('code')
    identityProvider.stop()
    const { status, headers } = await login({ provider: 'okta', code })
    assert.equal(status, 503)
    assert.equal(headers.get('retry-after'), '5')
    await assertLoggedIn({ username: 'ada', password: ADA.password }, 'ada')
  })
})
