import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { readForm } from '../../support/html-form.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import type { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { until } from '../../support/until.ts'
import { read } from '../support/pasted-code.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'
import type { Settings } from '../support/settings.ts'

/** What is known of a provider, as docs/identity-providers.md says. */
interface Quirks {
  readonly issuerPath: string
  readonly metadata: Readonly<Record<string, unknown>>
  /** Changes to an ID token with verified address; undefined omits a claim. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly userInfo?: Readonly<Record<string, unknown>>
  readonly settings?: Settings
  readonly secretIn: 'header' | 'form'
}

const NO_EMAIL = { email: undefined, email_verified: undefined }
const VERIFIED = { sub: ADA.sub, email: ADA.email, email_verified: true }
const ASSUMED = { OIDC_EMAIL_VERIFIED: 'assumed' }

const PROVIDERS: Readonly<Record<string, Quirks>> = {
  'Okta (thin ID token, address at UserInfo)': {
    issuerPath: '/oauth2/default',
    metadata: { token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] },
    claims: NO_EMAIL,
    userInfo: VERIFIED,
    secretIn: 'header',
  },
  'Entra ID (no email_verified)': {
    issuerPath: '/1f2e3d4c-0000-4000-8000-000000000000/v2.0',
    metadata: {
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      frontchannel_logout_supported: true,
    },
    claims: { email_verified: undefined, tid: '1f2e3d4c-0000-4000-8000-000000000000' },
    userInfo: { sub: ADA.sub, email: ADA.email },
    settings: ASSUMED,
    secretIn: 'form',
  },
  'Google (all in the ID token, no offline_access)': {
    issuerPath: '',
    metadata: {
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      scopes_supported: ['openid', 'email', 'profile'],
    },
    claims: { hd: 'example.com', at_hash: undefined },
    secretIn: 'header',
  },
  'OneLogin (POST only, no email_verified)': {
    issuerPath: '/oidc/2',
    metadata: { token_endpoint_auth_methods_supported: ['client_secret_post', 'none'] },
    claims: { email_verified: undefined },
    settings: ASSUMED,
    secretIn: 'form',
  },
  'Keycloak (realm in the path, sid)': {
    issuerPath: '/realms/example',
    metadata: {
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
      backchannel_logout_supported: true,
    },
    claims: { sid: 'a-session', acr: '1', typ: 'ID' },
    secretIn: 'header',
  },
  'authentik (issuer with a slash at its end)': {
    issuerPath: '/application/o/connect/',
    metadata: { token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'] },
    claims: {},
    userInfo: VERIFIED,
    secretIn: 'header',
  },
  'Auth0 (bare host with a slash, email_verified as text)': {
    issuerPath: '/',
    metadata: {
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      backchannel_logout_supported: true,
    },
    claims: { email_verified: 'true', sid: 'a-session' },
    secretIn: 'header',
  },
}

describe('An identity provider as it is', () => {
  let provider: ScriptedIdentityProvider
  let connect: Connect
  let client: TestClient
  let browser: HttpBrowser

  beforeEach(async () => {
    provider = new ScriptedIdentityProvider()
    connect = await startConnect({ identityProvider: (issuer, uri) => provider.listener(issuer, uri) })
    client = await connect.client()
    browser = connect.browser()
  })

  function play({ issuerPath, metadata, claims, userInfo, settings = {} }: Omit<Quirks, 'secretIn'>): void {
    Object.assign(provider, { issuerPath, metadata, claims, userInfo })
    connect.redeploy({ OIDC_ISSUER: connect.organisation.identityProvider.origin + issuerPath, ...settings })
  }

  const signIn = async (): Promise<Page> => await browser.open(client.authorizationUrl())

  /** @returns the page and what was logged meanwhile */
  async function failed(status: number): Promise<{ page: Page; log: string }> {
    const { length } = connect.lines
    const page = await signIn()
    assert.equal(page.status, status, read(page))
    return { page, log: connect.lines.slice(length).join('') }
  }

  for (const [name, quirks] of Object.entries(PROVIDERS)) {
    it(`signs a user in: ${name}`, async () => {
      play(quirks)
      const page = await signIn()
      assert.equal(page.status, 200, read(page))
      assert.ok(page.text.includes(ADA.email))
      assert.equal(provider.authentication?.header !== undefined, quirks.secretIn === 'header')
    })
  }

  describe('that refuses or sends too little', () => {
    const cases: Readonly<Record<string, readonly [changes: Partial<Quirks>, rule: RegExp, ask: RegExp]>> = {
      'no address anywhere': [
        { claims: NO_EMAIL, userInfo: { sub: ADA.sub } },
        /"no e-mail address: email is absent in the ID token, absent at UserInfo".*"no_email"/,
        /Ask the administrator of your identity provider to send your address/,
      ],
      'a list of addresses': [
        { claims: { email: [ADA.email] } },
        /email is a list of 1 in the ID token, not asked at UserInfo/,
        /the claim email/,
      ],
      'no email_verified': [
        { claims: { email_verified: undefined } },
        /email_verified is absent in the ID token, not asked at UserInfo/,
        /Ask the administrator of your identity provider to verify it/,
      ],
      'email_verified false, as authentik by default': [
        { claims: { email_verified: false } },
        /email_verified is false in the ID token/,
        /has not verified your e-mail address/,
      ],
      'email_verified "no" as text': [
        { claims: { email_verified: 'no' } },
        /email_verified is text of 2 characters in the ID token/,
        /has not verified your e-mail address/,
      ],
      'two addresses': [
        { claims: { email_verified: undefined }, userInfo: { ...VERIFIED, email: 'grace@example.com' } },
        /"emails_differ"/,
        /named two different e-mail addresses/,
      ],
    }
    for (const [what, [changes, rule, ask]] of Object.entries(cases)) {
      it(`${what}: the log says which rule and shape, the page whom to ask`, async () => {
        play({ issuerPath: '', metadata: {}, claims: {}, ...changes })
        const { page, log } = await failed(403)
        assert.match(log, rule)
        assert.match(read(page), ask)
        for (const value of [ADA.email, 'grace@example.com', ADA.sub]) assert.ok(!log.includes(value), log)
      })
    }
  })

  it('with an issuer template (Entra /organizations) signs in users of every tenant only with a verified address', async () => {
    play({ issuerPath: '/organizations/v2.0', metadata: {}, claims: { email_verified: undefined } })
    provider.metadata = { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' }
    const { log } = await failed(503)
    assert.match(
      log,
      /issuer: found https:\/\/login\.microsoftonline\.com\/\{tenantid\}\/v2\.0, expected http/,
    )
    assert.throws(() => connect.redeploy(ASSUMED), /must not be assumed with an issuer of every organisation/)
  })

  it('may roll over its keys between two sign-ins', async () => {
    play({ issuerPath: '', metadata: {}, claims: {} })
    assert.equal((await signIn()).status, 200)
    provider.rollKeys()
    browser = connect.browser()
    assert.equal((await signIn()).status, 200)
  })

  for (const path of ['/.well-known/openid-configuration', '/token', '/userinfo']) {
    it(`that answers ${path} with 429 is unavailable, and the sign-in can be tried again`, async () => {
      play({ issuerPath: '', metadata: {}, claims: NO_EMAIL, userInfo: VERIFIED })
      provider.odd = { [path]: { status: 429, body: '{"error":"too_many_requests"}' } }
      const { page, log } = await failed(503)
      assert.ok(page.headers.has('retry-after'))
      assert.match(log, /429/)
      provider.odd = {}
      const [, href = ''] = /<a [^>]*href="([^"]*)"[^>]*>Try again<\/a>/.exec(page.text) ?? []
      assert.equal((await browser.open(connect.origin + href)).status, 200)
    })
  }

  it('whose discovery document has moved is unavailable: a redirect is not followed, and the log says so', async () => {
    play({ issuerPath: '', metadata: {}, claims: {} })
    provider.odd = { '/.well-known/openid-configuration': { status: 301, body: '' } }
    assert.match((await failed(503)).log, /HTTP 301/)
  })

  it('that is slow is waited for, for five seconds', async () => {
    play({ issuerPath: '', metadata: {}, claims: {} })
    const held = provider.holdTokens()
    const opened = signIn()
    await until(() => provider.authentication !== undefined, 'the request for tokens')
    held.release()
    assert.equal((await opened).status, 200)
    provider.holdTokens()
    browser = connect.browser()
    assert.match((await failed(503)).log, /timed out|TimeoutError|OAUTH_TIMEOUT/i)
  })

  describe('that answers by form (response_mode=form_post)', () => {
    beforeEach(() => {
      play({ issuerPath: '', metadata: {}, claims: {} })
      provider.answersByForm = true
    })

    it('signs the user in: the POST, which has no cookie, leads to the callback', async () => {
      const shown = await signIn()
      const { action, fields } = readForm(shown.text, shown.url)
      const answer = await connect.post('/connect/callback', fields, {
        origin: provider.issuerPath || 'null',
      })
      assert.equal(answer.status, 303)
      assert.equal(action, `${connect.origin}/connect/callback`)
      const page = await browser.open(answer.headers.get('location') ?? '')
      assert.equal(page.status, 200, read(page))
      assert.ok(page.text.includes(ADA.email))
    })

    it('leads nowhere else, and hands on only parameters of an authorization response', async () => {
      const answer = await connect.post(
        '/connect/callback',
        'state=a&code=b&next=https%3A%2F%2Fevil.example&x=1',
      )
      assert.equal(answer.headers.get('location'), `${connect.origin}/connect/callback?state=a&code=b`)
    })

    it('negative test, authorize: login CSRF: a form of another site signs no victim in', async () => {
      const attacker = connect.browser()
      const shown = await attacker.open(client.authorizationUrl())
      const { fields } = readForm(shown.text, shown.url)
      const page = await browser.submit(`${connect.origin}/connect/callback`, fields, 'https://evil.example')
      assert.equal(page.status, 400, read(page))
    })
  })
})
