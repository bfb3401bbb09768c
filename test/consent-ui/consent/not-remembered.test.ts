import assert from 'node:assert/strict'
import { randomSecret } from '../../../core/keys/hash.ts'
import { GRACE } from '../../../deploy/demo/people.ts'
import { HttpBrowser, type Page } from '../../support/http-browser.ts'
import { FILES, PLATFORM } from '../../support/services.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { callbackOf, openConsent, signIn } from '../support/person.ts'
import {
  connectOnce,
  DAY_SECONDS,
  forgetConsents,
  grantedBy,
  isAsked,
  knowsIt,
  NAMED_CLIENTS,
  NAMED_SITE,
  namedClient,
  SITE,
} from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

const HOUR_SECONDS = 3600

describe('B07: an earlier consent does not count', () => {
  let client: TestClient
  let browser: HttpBrowser

  const connect = beforeAll(() => startConnect({ settings: { CONNECT_CLIENTS: NAMED_CLIENTS } }))

  beforeEach(async () => {
    await forgetConsents(connect)
    client = namedClient(connect)
    browser = connect.browser()
  })

  async function again(changes: Record<string, string> = {}, from: string | undefined = SITE): Promise<Page> {
    return await browser.open(client.authorizationUrl(changes), from)
  }

  const cases: readonly (readonly [string, (asked: TestClient) => Promise<Page>])[] = [
    ['where prompt=consent asks for a new one', () => again({ prompt: 'consent' })],
    ['for another scope', () => again({ scope: 'platform offline_access' })],
    ['for another path of the redirect URI', () => again({ redirect_uri: 'https://claude.ai/named/other' })],
    [
      'for another host of the redirect URI',
      () => again({ redirect_uri: 'https://chatgpt.com/named/callback' }, 'https://chatgpt.com/'),
    ],
    ['when the browser hides which page sent it', () => browser.open(client.authorizationUrl())],
    ['when another site sent the browser', () => again({}, 'https://evil.example/claude.ai/')],
    ['when a site with a similar name sent the browser', () => again({}, 'https://claude.ai.evil.example/')],
    ['when a site at another port sent the browser', () => again({}, 'https://claude.ai:8443/')],
    ['when a site over plain http sent the browser', () => again({}, 'http://claude.ai/')],
    ['when Origin is null', () => again({}, 'null')],
  ]
  for (const [when, ask] of cases) {
    it(when, async () => {
      await connectOnce(connect, client, { browser })
      assert.ok(isAsked(await ask(client)))
    })
  }

  it('for another resource', async () => {
    const two = await startConnect({
      settings: { CONNECT_CLIENTS: NAMED_CLIENTS },
      services: [PLATFORM, FILES],
    })
    const its = namedClient(two)
    const userBrowser = two.browser()
    await connectOnce(two, its, { browser: userBrowser })
    const other = its.authorizationUrl({ resource: `${two.origin}/files`, scope: 'files' })
    assert.ok(isAsked(await userBrowser.open(other, SITE)))
    assert.ok(!isAsked(await userBrowser.open(its.authorizationUrl(), SITE)))
  })

  it('for another user', async () => {
    await connectOnce(connect, client, { browser })
    const page = await again({ prompt: 'login' })
    const asGrace = await signIn(browser, page, GRACE)
    assert.ok(isAsked(asGrace) && !knowsIt(asGrace))
  })

  it('for another client of the same website', async () => {
    await connectOnce(connect, client, { browser })
    const other = await connect.client(NAMED_SITE, 'Named Site')
    assert.ok(isAsked(await browser.open(other.authorizationUrl(), SITE)))
  })

  it('after 30 days, whatever Redis’s clock says', async () => {
    await connectOnce(connect, client, { browser, choices: { lifetime: 'most' } })
    connect.skipOwnClock(30 * DAY_SECONDS)
    const page = await openConsent(connect.browser(), client.authorizationUrl())
    assert.ok(isAsked(page))
  })

  it('in the last hour of its grant', async () => {
    await connectOnce(connect, client, { browser, choices: { lifetime: 'today' } })
    const fresh = connect.browser()
    await connect.passTime(11 * HOUR_SECONDS + 60)
    const signInPage = await fresh.open(client.authorizationUrl(), SITE)
    const page = await signIn(fresh, signInPage)
    assert.ok(isAsked(page) && knowsIt(page))
  })

  it('once its session is revoked', async () => {
    const { tokens } = await connectOnce(connect, client, { browser })
    assert.equal((await client.revoke(tokens.refresh_token)).status, 200)
    const page = await again()
    assert.ok(isAsked(page) && knowsIt(page))
  })

  it('once its latest session is revoked, even if its first one lives', async () => {
    await connectOnce(connect, client, { browser })
    const { searchParams } = callbackOf(await again())
    const second = tokensOf(await client.redeem(searchParams.get('code') ?? ''))
    await client.revoke(second.access_token)
    assert.ok(isAsked(await again()))
  })

  it('when its code was never redeemed', async () => {
    const consent = await openConsent(browser, client.authorizationUrl())
    callbackOf(await browser.press(consent, 'Continue'))
    assert.ok(isAsked(await again()))
  })

  it('when the user cancelled', async () => {
    const consent = await openConsent(browser, client.authorizationUrl())
    callbackOf(await browser.press(consent, 'Cancel'))
    const page = await again()
    assert.ok(isAsked(page) && !knowsIt(page))
  })

  it('when the operator allows less now', async () => {
    const services = [{ ...PLATFORM }]
    const changed = await startConnect({ settings: { CONNECT_CLIENTS: NAMED_CLIENTS }, services })
    const its = namedClient(changed)
    const userBrowser = changed.browser()
    await connectOnce(changed, its, { browser: userBrowser, choices: { access: 'full' } })
    services[0] = { ...PLATFORM, grants: ['read'] }
    changed.redeploy()
    assert.ok(isAsked(await userBrowser.open(its.authorizationUrl(), SITE)))
  })

  it('when the operator has changed the redirect URIs', async () => {
    const changed = await startConnect({ settings: { CONNECT_CLIENTS: NAMED_CLIENTS } })
    const its = namedClient(changed)
    const userBrowser = changed.browser()
    await connectOnce(changed, its, { browser: userBrowser })
    changed.redeploy({ CONNECT_CLIENTS: NAMED_CLIENTS.replace('/named/other', '/named/new') })
    const page = await userBrowser.open(its.authorizationUrl(), SITE)
    assert.ok(isAsked(page) && !knowsIt(page))
  })

  it('when an attacker wrote it into Redis without the operator’s key', async () => {
    const { session } = await connectOnce(connect, client, { browser, choices: { access: 'read' } })
    const [key = ''] = await connect.redis.keys('connect:consent:*')
    const record = JSON.parse((await connect.redis.get(key)) ?? '') as Record<string, unknown>
    assert.equal(record.sessionId, session.id)
    for (const changes of [
      { access: 'full' },
      { endsAt: Number(record.endsAt) + 1 },
      { mac: randomSecret() },
    ]) {
      await connect.redis.set(key, JSON.stringify({ ...record, ...changes }), 'EX', 1000)
      assert.ok(isAsked(await again()), JSON.stringify(changes))
    }
    await connect.redis.set(key, JSON.stringify(record), 'EX', 1000)
    await grantedBy(connect, client, await again())
  })

  for (const redirectUri of [
    'http://localhost:33418/callback',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://vscode.dev/redirect',
  ]) {
    it(`for the redirect URI ${redirectUri}, and none is stored`, async () => {
      const program = namedClient(connect, 'named-program', redirectUri)
      await connectOnce(connect, program, { browser })
      assert.deepEqual(await connect.redis.keys('connect:consent:*'), [])
      for (const from of [undefined, SITE, new URL(redirectUri).origin]) {
        const page = await browser.open(program.authorizationUrl(), from)
        assert.ok(isAsked(page) && !knowsIt(page))
      }
    })
  }
})
