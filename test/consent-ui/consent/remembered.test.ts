import assert from 'node:assert/strict'
import { randomSecret } from '../../../core/keys/hash.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { HttpBrowser, type Page } from '../../support/http-browser.ts'
import { readForm } from '../../support/html-form.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { CODE_AFTER_SIGN_IN, paste, quiltCodeOf, read } from '../support/pasted-code.ts'
import { callbackOf, signIn } from '../support/person.ts'
import { startPublisher } from '../support/publisher.ts'
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
  sessionOf,
  SITE,
} from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('An earlier consent', () => {
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

  it('skips the page and gives a new session the same access until the same end', async () => {
    const first = await connectOnce(connect, client, {
      browser,
      choices: { access: 'full', lifetime: 'most' },
    })
    await connect.passTime(60)
    const page = await again()
    assert.equal(new URL(page.url).searchParams.get('state'), client.state)
    assert.equal(new URL(page.url).searchParams.get('iss'), connect.origin)
    const session = await grantedBy(connect, client, page)
    assert.notEqual(session.id, first.session.id)
    assert.equal(session.access, 'full')
    assert.equal(session.expiresAt, first.session.expiresAt)
    assert.ok(session.createdAt >= first.session.createdAt + 60)
    await sessionOf(connect, first.tokens)
    const [approvals = ''] = await connect.redis.keys('connect:approvals:*')
    const [, approvedAt] = await connect.redis.zrange(approvals, 0, '-1', 'WITHSCORES')
    assert.ok(Number(approvedAt) <= first.session.createdAt, 'it is no new approval')
  })

  it('never widens access or lifetime, however often it is used', async () => {
    const first = await connectOnce(connect, client, {
      browser,
      choices: { access: 'read', lifetime: 'today' },
    })
    for (let time = 0; time < 3; time += 1) {
      await connect.passTime(120)
      const session = await grantedBy(connect, client, await again({ access: 'full', lifetime: 'most' }))
      assert.equal(session.access, 'read')
      assert.equal(session.expiresAt, first.session.expiresAt)
    }
  })

  it('counts after the user signs in', async () => {
    await connectOnce(connect, client, { browser })
    const fresh = connect.browser()
    const page = await fresh.open(client.authorizationUrl(), SITE)
    assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin), page.url)
    await grantedBy(connect, client, await signIn(fresh, page))
  })

  it('issues one code, also when the page is reloaded', async () => {
    await connectOnce(connect, client, { browser })
    const page = await again()
    const transaction = page.visited.find((url) => /authorize\/[\w-]{43}$/.test(url)) ?? ''
    assert.equal((await browser.open(transaction)).url, page.url)
  })

  it('gives read-only access after the user downgraded its session', async () => {
    const { session } = await connectOnce(connect, client, { browser, choices: { access: 'full' } })
    await new SessionStore(connect.redis).downgrade(session.id, randomSecret())
    assert.equal((await grantedBy(connect, client, await again())).access, 'read')
  })

  it('of a registered client only presets the choices and is mentioned', async () => {
    const registered = await connect.client(NAMED_SITE, 'Named Site')
    await connectOnce(connect, registered, { browser, choices: { access: 'full', lifetime: 'most' } })
    const page = await browser.open(registered.authorizationUrl(), SITE)
    assert.ok(isAsked(page) && knowsIt(page))
    const day = new Date(connect.now() * 1000).toLocaleDateString('en-GB', {
      dateStyle: 'long',
      timeZone: 'UTC',
    })
    assert.ok(read(page).includes(`You approved this application before, on ${day}.`), read(page))
    const { access, lifetime } = readForm(page.text, page.url).fields
    assert.deepEqual([access, lifetime], ['full', 'most'])
  })

  it('survives a rotation of the sealing keys', async () => {
    await connectOnce(connect, client, { browser })
    connect.rotateSealingKeys()
    await grantedBy(connect, client, await again())
  })

  it('reveals neither user nor client to an attacker who reads Redis', async () => {
    await connectOnce(connect, client, { browser })
    const [key = '', ...others] = await connect.redis.keys('connect:consent:*')
    assert.equal(others.length, 0)
    assert.match(key, /^connect:consent:[\w-]{43}$/)
    const value = (await connect.redis.get(key)) ?? ''
    assert.doesNotMatch(value, /ada|named|claude|example/i)
    const seconds = await connect.redis.ttl(key)
    assert.ok(seconds > 29 * DAY_SECONDS && seconds <= 30 * DAY_SECONDS)
  })

  it('does not skip the page after a pasted code, whose page says that the user decides', async () => {
    const pasting = await startConnect({
      settings: { CONNECT_CLIENTS: NAMED_CLIENTS, ...CODE_AFTER_SIGN_IN },
    })
    const its = namedClient(pasting)
    const userBrowser = pasting.browser()
    for (const isFirst of [true, false]) {
      let page = await userBrowser.open(its.authorizationUrl(), SITE)
      if (isFirst) page = await signIn(userBrowser, page)
      page = await paste(userBrowser, page, await quiltCodeOf(pasting))
      assert.ok(isAsked(page))
      assert.equal(knowsIt(page), !isFirst)
      const { searchParams } = callbackOf(await userBrowser.press(page, 'Continue', { access: 'full' }))
      tokensOf(await its.redeem(searchParams.get('code') ?? ''))
    }
  })
})

describe('B07: a consent to a client with a metadata document', () => {
  it('counts only while its document is unchanged', async () => {
    const publisher = await startPublisher()
    const connect = await startConnect({
      reach: publisher.reach,
      settings: { CONNECT_CLIENT_HOSTS: publisher.host },
    })
    const redirectUri = NAMED_SITE
    const id = publisher.publishClient('/client', { redirect_uris: [redirectUri] })
    const client = new TestClient(connect.origin, { id, redirectUri })
    const browser = connect.browser()
    await connectOnce(connect, client, { browser })
    assert.ok(callbackOf(await browser.open(client.authorizationUrl(), SITE)).searchParams.has('code'))
    for (const changes of [
      { client_name: 'Another name', redirect_uris: [redirectUri] },
      { redirect_uris: [redirectUri, 'https://claude.ai/one-more'] },
      {
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: publisher.urlOf('/k'),
      },
    ]) {
      publisher.publishClient('/client', changes)
      // Longer than the cache keeps a document.
      connect.skipOwnClock(2 * DAY_SECONDS)
      const fresh = connect.browser()
      const page = await signIn(fresh, await fresh.open(client.authorizationUrl(), SITE))
      assert.ok(isAsked(page) && !knowsIt(page), JSON.stringify(changes))
    }
  })
})
