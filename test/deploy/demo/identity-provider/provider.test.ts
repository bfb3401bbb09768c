import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { createIdentityProvider } from '../../../../deploy/demo/identity-provider/provider.ts'
import { ADA, GRACE, PEOPLE, type DemoPerson } from '../../../../deploy/demo/people.ts'
import { SILENT, start } from '../support/start.ts'
import { visitor, type Visitor } from '../support/visitor.ts'

const CLIENT = { id: 'quilt-connect', secret: 'a secret of the test' }
const REDIRECT_URI = 'http://localhost:1/connect/callback'
const VERIFIER = client.randomPKCECodeVerifier()
const EXPECTED = { pkceCodeVerifier: VERIFIER, expectedState: 'the state', expectedNonce: 'the nonce' }

describe('The demo identity provider', () => {
  let origin: string
  let configuration: client.Configuration

  before(async () => {
    const started = await start((issuer) =>
      createIdentityProvider({
        issuer,
        client: { ...CLIENT, redirectUris: [REDIRECT_URI] },
        people: PEOPLE,
        log: SILENT,
      }),
    )
    origin = started.origin
    const authentication = client.ClientSecretBasic(CLIENT.secret)
    const options = { execute: [client.allowInsecureRequests] }
    configuration = await client.discovery(new URL(origin), CLIENT.id, undefined, authentication, options)
  })

  async function authorizationUrl(more: Record<string, string> = {}): Promise<string> {
    return client.buildAuthorizationUrl(configuration, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid email profile',
      code_challenge: await client.calculatePKCECodeChallenge(VERIFIER),
      code_challenge_method: 'S256',
      state: EXPECTED.expectedState,
      nonce: EXPECTED.expectedNonce,
      ...more,
    }).href
  }

  async function signInAs({ email, password }: DemoPerson, browser: Visitor, more?: Record<string, string>) {
    const page = await browser.open(await authorizationUrl(more))
    const back = await browser.submit(page.url, { email, password })
    return await client.authorizationCodeGrant(configuration, new URL(back.url), EXPECTED)
  }

  for (const person of PEOPLE) {
    it(`issues an ID token for ${person.name} with the verified e-mail`, async () => {
      const claims = (await signInAs(person, visitor(origin))).claims()
      assert.equal(claims?.iss, origin)
      assert.equal(claims.aud, CLIENT.id)
      assert.equal(claims.sub, person.sub)
      assert.equal(claims.email, person.email)
      assert.equal(claims.email_verified, true)
      assert.equal(claims.name, person.name)
    })
  }

  it('shows the sign-in again in the same browser, so that another user can sign in', async () => {
    const browser = visitor(origin)
    assert.equal((await signInAs(ADA, browser)).claims()?.sub, ADA.sub)
    assert.equal((await signInAs(GRACE, browser)).claims()?.sub, GRACE.sub)
  })

  it('issues a refresh token for offline_access, and renews the ID token with it', async () => {
    const offline = { scope: 'openid email offline_access', prompt: 'consent' }
    const tokens = await signInAs(ADA, visitor(origin), offline)
    const renewed = await client.refreshTokenGrant(configuration, tokens.refresh_token ?? '')
    assert.equal(renewed.claims()?.email, ADA.email)
    assert.equal((await signInAs(ADA, visitor(origin))).refresh_token, undefined)
  })

  it('shows a wrong password with the escaped e-mail, and lets the user try again', async () => {
    const browser = visitor(origin)
    const page = await browser.open(await authorizationUrl())
    assert.equal(page.status, 200)
    assert.doesNotMatch(page.text, /Wrong e-mail or password/)
    const refused = await browser.submit(page.url, { email: '"><b>ada', password: 'wrong' })
    assert.equal(refused.status, 422)
    assert.match(refused.text, /role="alert">Wrong e-mail or password/)
    assert.ok(refused.text.includes('value="&#34;&#62;&#60;b&#62;ada"'))
    for (const [email, password] of [
      [ADA.email, GRACE.password],
      [ADA.email, ''],
      ['', ''],
    ] as const) {
      assert.equal((await browser.submit(page.url, { email, password })).status, 422)
    }
    const back = await browser.submit(page.url, { email: 'Ada@Example.com ', password: ADA.password })
    assert.ok(back.url.startsWith(`${REDIRECT_URI}?code=`))
  })

  it('returns access_denied when the user cancels', async () => {
    const browser = visitor(origin)
    const page = await browser.open(await authorizationUrl())
    const back = new URL((await browser.submit(page.url, { answer: 'cancel' })).url)
    assert.equal(back.searchParams.get('error'), 'access_denied')
    assert.equal(back.searchParams.get('state'), EXPECTED.expectedState)
  })

  it('has pages without scripts, frames and external resources', async () => {
    const page = await visitor(origin).open(await authorizationUrl({ login_hint: ADA.email }))
    const policy = page.headers.get('content-security-policy') ?? ''
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[\w+/]+='; base-uri 'none'; frame-ancestors 'none'$/,
    )
    assert.equal(page.headers.get('cache-control'), 'no-store')
    assert.doesNotMatch(page.text, /<script|https?:|@import|url\(/)
    assert.ok(page.text.includes(`value="${ADA.email}"`), 'the hint is in the form')
  })

  it('refuses a sign-in from another browser, and says how to continue', async () => {
    const page = await visitor(origin).open(await authorizationUrl())
    const other = visitor(origin)
    for (const visit of [
      await other.open(page.url),
      await other.submit(page.url, { email: ADA.email, password: ADA.password }),
      await other.submit(page.url, { email: ADA.email, password: 'wrong' }),
    ]) {
      assert.equal(visit.status, 400)
      assert.match(visit.text, /This sign-in has expired/)
    }
  })

  it('refuses plain PKCE, no PKCE, the implicit flow, and unknown clients and redirect URIs', async () => {
    const browser = visitor(origin)
    const plain = await authorizationUrl({ code_challenge_method: 'plain' })
    const implicit = await authorizationUrl({ response_type: 'id_token' })
    const unproven = new URL(await authorizationUrl())
    unproven.searchParams.delete('code_challenge')
    unproven.searchParams.delete('code_challenge_method')
    for (const url of [plain, implicit, unproven.href]) {
      assert.match(
        (await browser.open(url)).url,
        /[?#&]error=(invalid_request|unsupported_response_type)/,
        url,
      )
    }
    for (const more of [{ client_id: 'unknown' }, { redirect_uri: 'http://localhost:2/' }]) {
      const shown = await browser.open(await authorizationUrl(more))
      assert.equal(shown.status, 400)
      assert.match(shown.text, /Sign-in failed/)
      assert.ok(shown.headers.get('content-security-policy')?.startsWith("default-src 'none'"))
    }
  })

  it('refuses a code without the client secret or with another verifier', async () => {
    const browser = visitor(origin)
    const page = await browser.open(await authorizationUrl())
    const back = new URL((await browser.submit(page.url, ADA_FORM)).url)
    const redeem = (authorization: string): Promise<Response> =>
      fetch(configuration.serverMetadata().token_endpoint ?? '', {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code: back.searchParams.get('code') ?? '',
          redirect_uri: REDIRECT_URI,
          code_verifier: client.randomPKCECodeVerifier(),
        }),
      })
    const basic = (secret: string): string =>
      `Basic ${Buffer.from(`${CLIENT.id}:${encodeURIComponent(secret)}`).toString('base64')}`
    assert.equal((await redeem(basic('wrong'))).status, 401)
    const wrongVerifier = await redeem(basic(CLIENT.secret))
    assert.equal(wrongVerifier.status, 400)
    assert.equal(((await wrongVerifier.json()) as { error: string }).error, 'invalid_grant')
  })

  it('has a sign-out page, and no development pages of the library', async () => {
    assert.equal(configuration.serverMetadata().end_session_endpoint, `${origin}/session/end`)
    assert.equal((await fetch(`${origin}/session/end`)).status, 200)
    assert.equal((await fetch(`${origin}/interaction/abc`)).status, 404)
  })
})

const ADA_FORM = { email: ADA.email, password: ADA.password }
