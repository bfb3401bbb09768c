import assert from 'node:assert/strict'
import { accessOf } from '../../../core/sessions/session.ts'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { HttpBrowser } from '../../support/http-browser.ts'
import { readForm } from '../../support/html-form.ts'
import { sessionOf } from '../consent/support.ts'
import type { Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { openConsent, signIn, tokensFor } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { APPS, openApps, refreshed, send, SIGN_OUT, tagOf } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

const CALLBACK = '/connect/callback'

describe('Attacks on the connected applications page', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())
  /** No attack ends it. */
  const tokens = beforeAll<Tokens>(() => tokensFor(connect, client))

  async function assertUnchanged(): Promise<void> {
    assert.equal(accessOf(await sessionOf(connect, tokens)), 'full')
  }

  const url = (): string => connect.origin + APPS
  const provider = (): string => connect.organisation.identityProvider.origin

  /** Begins a login attempt and stops before the identity provider. */
  async function begin(): Promise<{ browser: HttpBrowser; atProvider: string }> {
    const browser = new HttpBrowser([connect.origin])
    const { url: atProvider } = await browser.open(url())
    assert.ok(atProvider.startsWith(provider()), atProvider)
    return { browser, atProvider }
  }

  /** Signs in only at the identity provider; returns the callback URL. */
  async function callbackOf(atProvider: string, person = ADA): Promise<string> {
    const elsewhere = new HttpBrowser([provider()])
    const { url: callback } = await signIn(elsewhere, await elsewhere.open(atProvider), person)
    assert.ok(callback.startsWith(connect.origin + CALLBACK), callback)
    return callback
  }

  it('B01: does not sign in a browser that opens a sign-in started in another browser', async () => {
    const { browser: attacker, atProvider } = await begin()
    const victim = connect.browser()
    const added = await keysAddedBy(connect.redis, async () => {
      const page = await signIn(victim, await victim.open(atProvider), ADA)
      assert.equal(page.status, 400, page.text)
      assert.equal(new URL(page.url).pathname, CALLBACK)
    })
    assert.deepEqual(added, [])
    assert.ok((await attacker.open(url())).url.startsWith(provider()))
  })

  it('B02: shows nothing to the attacker who started the sign-in that a victim completes', async () => {
    const { browser: attacker, atProvider } = await begin()
    const victim = connect.browser()
    await signIn(victim, await victim.open(atProvider), ADA)
    assert.ok((await attacker.open(url())).url.startsWith(provider()))
    const pressed = await attacker.submit(url(), { revoke_all: 'yes', csrf_token: 'x' })
    assert.ok(pressed.url.startsWith(provider()))
    await assertUnchanged()
  })

  it('B03: accepts the state of a sign-in once, within ten minutes, and for its own page', async () => {
    const { browser, atProvider } = await begin()
    const callback = await callbackOf(atProvider)
    assert.equal((await browser.open(callback)).status, 200)
    const cookie = browser.cookies.header(callback)
    const again = await browser.open(callback)
    assert.deepEqual(again.visited, [callback, url()], 'it leads to the page')
    assert.equal(browser.cookies.header(callback), cookie, 'and signs in no second time')
    const late = await begin()
    const lateCallback = await callbackOf(late.atProvider)
    await connect.passTime(601)
    assert.equal((await late.browser.open(lateCallback)).status, 400)
  })

  it('B03: keeps the page’s sign-in and a client’s sign-in apart', async () => {
    const { browser, atProvider } = await begin()
    const added = await keysAddedBy(connect.redis, async () => {
      const page = await browser.open(await callbackOf(atProvider))
      assert.equal(page.url, url())
    })
    assert.ok(!added.some((key) => /:code:|consent/.test(key)))
    const consent = await openConsent(connect.browser(), client.authorizationUrl())
    assert.match(consent.url, /\/connect\/authorize\/[\w-]{43}$/)
  })

  it('B04: lets no page be framed, cached or run a script', async () => {
    const at = await openApps(connect)
    const refused = await send(at, { revoke: 'x', csrf_token: 'x' })
    const question = await at.browser.open(connect.origin + SIGN_OUT)
    const done = await at.browser.press(question, 'Sign out')
    for (const { headers, text } of [at.page, refused, question, done]) {
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/)
      assert.equal(headers.get('x-frame-options'), 'DENY')
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.ok(!text.includes('<script'))
    }
  })

  it('B06: refuses a form without the token of this page, browser and user', async () => {
    const at = await openApps(connect)
    const tag = tagOf(tokens)
    const tokenOf = ({ text, url: from }: { text: string; url: string }): string =>
      readForm(text, from).fields.csrf_token ?? ''
    await tokensFor(connect, client, { person: GRACE })
    const [elsewhere, grace] = [await openApps(connect), await openApps(connect, GRACE)]
    const consent = await at.browser.open(client.authorizationUrl())
    const question = await at.browser.open(connect.origin + SIGN_OUT)
    for (const foreign of ['', 'x', ...[elsewhere.page, grace.page, consent, question].map(tokenOf)]) {
      for (const wish of [{ revoke: tag }, { narrow: tag }, { revoke_all: 'yes' }]) {
        const page = await send(at, { ...wish, csrf_token: foreign })
        assert.equal(page.status, 403, foreign)
        assert.match(read(page), /Nothing was changed/)
      }
    }
    await assertUnchanged()
  })

  it('B06: refuses a valid form from another site or without an Origin header', async () => {
    const at = await openApps(connect)
    const tag = tagOf(tokens)
    for (const origin of ['https://evil.example', 'null', `${connect.origin}.evil.example`, '']) {
      assert.equal((await send(at, { revoke: tag }, origin)).status, 403, origin)
    }
    await assertUnchanged()
  })

  it('B06: changes nothing on GET, whatever the query', async () => {
    const at = await openApps(connect)
    const tag = tagOf(tokens)
    const { csrf_token = '' } = readForm(at.page.text, at.page.url).fields
    const query = new URLSearchParams({ revoke: tag, revoke_all: 'yes', csrf_token }).toString()
    assert.equal((await at.browser.open(`${url()}?${query}`)).status, 200)
    await assertUnchanged()
  })

  it('B06: accepts forms of two open pages, also after a key rotation', async () => {
    const own = await tokensFor(connect, client)
    const at = await openApps(connect)
    const tag = tagOf(own)
    const second = { browser: at.browser, page: await at.browser.open(url()) }
    assert.equal((await send(at, { narrow: tag })).status, 200)
    connect.rotateSealingKeys()
    assert.equal((await send(second, { revoke: tag })).status, 200)
    assert.equal(await refreshed(client, own.refresh_token), 'invalid_grant')
  })

  it('B08: gives the browser a new cookie at sign-in; the old cookie opens nothing', async () => {
    const { browser, atProvider } = await begin()
    const cookie = (): string =>
      browser.cookies
        .all('localhost')
        .filter(({ name }) => name.startsWith('quilt-connect-'))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ')
    const before = cookie()
    assert.equal((await browser.open(await callbackOf(atProvider))).status, 200)
    assert.notEqual(cookie(), before)
    const thief = await connect.get(APPS, { cookie: before })
    assert.equal(thief.status, 303)
    assert.ok(thief.headers.get('location')?.startsWith(provider()))
    const planted = await connect.get(APPS, { cookie: 'quilt-connect-abcdef=planted' })
    assert.equal(planted.status, 303)
  })

  it('B08: shows the next user only their own applications and refuses the earlier user’s page', async () => {
    const at = await openApps(connect, ADA)
    await at.browser.press(await at.browser.open(connect.origin + SIGN_OUT), 'Sign out')
    const page = await signIn(at.browser, await at.browser.open(url()), GRACE)
    assert.ok(read(page).includes(GRACE.email) && !read(page).includes(ADA.email))
    assert.equal((await send(at, { revoke_all: 'yes' })).status, 403)
    await assertUnchanged()
  })

  it('B11: redirects to no address from a parameter', async () => {
    for (const target of [
      '//evil.example',
      '/\\evil.example',
      'https:evil.example',
      'https://evil.example',
    ]) {
      const names = ['return_to', 'next', 'redirect_uri', 'continue', 'state']
      const query = new URLSearchParams(Object.fromEntries(names.map((name) => [name, target])))
      const browser = connect.browser()
      const page = await signIn(browser, await browser.open(`${url()}?${query.toString()}`), ADA)
      assert.equal(page.url, url())
      assert.ok(page.visited.every((visited) => !new URL(visited).host.includes('evil')))
    }
  })

  it('B13: shows an application’s name as text', async () => {
    const named = await connect.client(
      'https://claude.ai/api/mcp/auth_callback',
      '"><script>alert(1)</script>',
    )
    await tokensFor(connect, named)
    const { page } = await openApps(connect)
    assert.ok(!page.text.includes('<script'))
    assert.ok(page.text.includes('&#60;script&#62;'))
  })
})
