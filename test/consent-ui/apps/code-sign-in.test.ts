import assert from 'node:assert/strict'
import { ADA, GRACE, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { readForm } from '../../support/html-form.ts'
import { assertRefused, type TestClient, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_ALONE, paste, quiltCodeOf, read, tokensByCode } from '../support/pasted-code.ts'
import { approve } from '../support/person.ts'
import { dump } from '../support/store.ts'
import { APPS, refreshed, send, SIGN_OUT, tagOf, tagsOf, type AtApps } from './support.ts'

describe('The connected applications page with one-time codes as sign-in', () => {
  let connect: Connect
  let client: TestClient
  let tokens: Tokens

  beforeEach(async () => {
    connect = await startConnect({ settings: { ...CODE_ALONE, RATE_LIMIT_PASTED_CODES: '3/60' } })
    client = await connect.client()
    tokens = await tokensByCode(connect, client)
  })

  const url = (): string => connect.origin + APPS

  async function openByCode(person: DemoPerson = ADA): Promise<AtApps> {
    const browser = connect.browser()
    const page = await paste(browser, await browser.open(url()), await quiltCodeOf(connect, person))
    assert.equal(page.status, 200, page.text)
    return { browser, page }
  }

  async function assertSignedOut(browser: HttpBrowser): Promise<void> {
    assert.ok(read(await browser.open(url())).includes('Sign in to see'))
  }

  it('asks for a code, says the only place to paste it, and offers no Cancel', async () => {
    const page = await connect.browser().open(url())
    assert.ok(read(page).includes('Sign in to see your connected applications.'))
    assert.ok(read(page).includes(`Paste it only at ${new URL(connect.origin).host}`))
    assert.ok(!page.text.includes('Cancel'))
  })

  it('shows the code owner’s applications and lets them revoke one', async () => {
    const graces = await tokensByCode(connect, client, GRACE)
    const at = await openByCode()
    assert.deepEqual(tagsOf(at, 'revoke'), [tagOf(tokens)])
    assert.match(read(await send(at, { revoke: tagOf(tokens) })), /Access ended: Claude Code\./)
    assert.equal(await refreshed(client, tokens.refresh_token), 'invalid_grant')
    assert.equal(await refreshed(client, graces.refresh_token), 'refreshed')
  })

  it('revokes authorization codes issued before', async () => {
    const browser = connect.browser()
    const asked = await browser.open(client.authorizationUrl())
    const callback = await approve(browser, await paste(browser, asked, await quiltCodeOf(connect)))
    assert.equal((await send(await openByCode(), { revoke_all: 'yes' })).status, 200)
    assertRefused(await client.redeem(callback.searchParams.get('code') ?? ''), 'invalid_grant')
  })

  it('asks for a code again after ten minutes', async () => {
    const { browser } = await openByCode()
    await connect.passTime(590)
    assert.equal((await browser.open(url())).text.includes('Sign in to see'), false)
    connect.skipOwnClock(11)
    await assertSignedOut(browser)
  })

  it('logs the code’s credential out at once', async () => {
    await openByCode()
    const { registryProxy } = connect.organisation
    await registryProxy.loggedOut(registryProxy.lastCredential)
  })

  it('leaves no code and no credential in a log, a URL or Redis', async () => {
    const browser = connect.browser()
    const code = await quiltCodeOf(connect)
    const page = await paste(browser, await browser.open(url()), code)
    const everything = [await dump(connect.redis), ...connect.lines, ...page.visited].join()
    for (const secret of [code, connect.organisation.registryProxy.lastCredential]) {
      assert.ok(secret.length > 20 && !everything.includes(secret))
    }
  })

  it('shows nothing to the cookie from before the sign-in', async () => {
    const browser = connect.browser()
    const asked = await browser.open(url())
    const cookie = browser.cookies.all('localhost').map(({ name, value }) => `${name}=${value}`)
    await paste(browser, asked, await quiltCodeOf(connect))
    const thief = await connect.get(APPS, { cookie: cookie.join('; ') })
    assert.ok(thief.text.includes('Sign in to see'))
  })

  it('B08: stops showing the first user’s applications once another user pastes a code in any tab', async () => {
    const { browser } = await openByCode()
    // A browser whose first two tabs began at once has two cookies.
    const second = connect.browser()
    const asked = await second.open(client.authorizationUrl())
    const cookies = second.cookies.all('localhost').map(({ name, value }) => `${name}=${value}; path=/`)
    browser.cookies.keep(connect.origin, cookies)
    const consent = await paste(browser, asked, await quiltCodeOf(connect, GRACE))
    assert.ok(read(consent).includes(GRACE.email))
    await assertSignedOut(browser)
  })

  it('does not sign the user in to an authorization request, which asks for its own code', async () => {
    const { browser } = await openByCode()
    const page = await browser.open(client.authorizationUrl())
    assert.ok(read(page).includes('Claude Code wants to access your Quilt account'))
    assert.ok(read(page).includes('One-time code from Quilt'))
  })

  it('ignores the sign-in by code once an identity provider is configured', async () => {
    const { browser } = await openByCode()
    const { origin } = connect.organisation.identityProvider
    connect.redeploy({ OIDC_ISSUER: origin, OIDC_CLIENT_ID: 'connect+server', OIDC_CLIENT_SECRET: 'x' })
    assert.ok((await browser.open(url())).url.startsWith(origin))
  })

  it('lets the user sign out', async () => {
    const { browser } = await openByCode()
    const question = await browser.open(connect.origin + SIGN_OUT)
    assert.ok(read(question).includes(`You are signed in as ${ADA.email}.`))
    await browser.press(question, 'Sign out')
    await assertSignedOut(browser)
  })

  it('keeps the first user signed in, and does not use up another user’s code', async () => {
    const browser = connect.browser()
    const [one, other] = await Promise.all([browser.open(url()), browser.open(url())])
    await paste(browser, one, await quiltCodeOf(connect, ADA))
    const code = await quiltCodeOf(connect, GRACE)
    assert.ok(read(await paste(browser, other, code)).includes(ADA.email))
    await browser.press(await browser.open(connect.origin + SIGN_OUT), 'Sign out')
    const page = await paste(browser, await browser.open(url()), code)
    assert.ok(read(page).includes(GRACE.email) && !read(page).includes(ADA.email))
  })

  it('signs in when a double click sends the code twice', async () => {
    const browser = connect.browser()
    const asked = await browser.open(url())
    const code = await quiltCodeOf(connect)
    const pages = await Promise.all([paste(browser, asked, code), paste(browser, asked, code)])
    assert.ok(pages.some(({ status }) => status === 200))
    assert.deepEqual(tagsOf({ browser, page: await browser.open(url()) }, 'revoke'), [tagOf(tokens)])
  })

  describe('refuses a code', () => {
    let browser: HttpBrowser
    let asked: Page

    beforeEach(async () => {
      browser = connect.browser()
      asked = await browser.open(url())
    })

    for (const pasted of ['', 'x', 'qk_abcdefghijklmnopqrstuvwxyz', '<b>', 'A'.repeat(40)]) {
      it(`that is malformed: ${pasted}`, async () => {
        const page = await paste(browser, asked, pasted)
        assert.equal(page.status, 422, page.text)
        assert.match(page.text, /role="alert"/)
        await assertSignedOut(browser)
      })
    }

    it('that was used before', async () => {
      const code = await quiltCodeOf(connect)
      await paste(connect.browser(), await connect.browser().open(url()), code)
      const own = connect.browser()
      await paste(own, await own.open(url()), code)
      assert.equal((await paste(browser, asked, code)).status, 422)
      await assertSignedOut(browser)
    })

    it('of a deactivated user', async () => {
      const code = await quiltCodeOf(connect)
      connect.organisation.deactivated.add(ADA.quilt.name)
      const page = await paste(browser, asked, code)
      assert.equal(page.status, 422)
      await assertSignedOut(browser)
    })

    it('while the Registry does not answer, and accepts it afterwards', async () => {
      const code = await quiltCodeOf(connect)
      connect.organisation.registryProxy.isDown = true
      const page = await paste(browser, asked, code)
      assert.equal(page.status, 503)
      assert.equal(page.headers.get('retry-after'), '5')
      connect.organisation.registryProxy.isDown = false
      assert.equal(tagsOf({ browser, page: await paste(browser, page, code) }, 'revoke').length, 1)
    })

    it('whose user the Registry cannot name, and logs its credential out', async () => {
      const { registryProxy } = connect.organisation
      registryProxy.instead('/api/me', { status: 500, body: '{}' })
      const page = await paste(browser, asked, await quiltCodeOf(connect))
      assert.equal(page.status, 503)
      await registryProxy.loggedOut(registryProxy.lastCredential)
      registryProxy.instead('/api/me', undefined)
      await assertSignedOut(browser)
    })

    it('from another site or with another browser’s form, without using it up', async () => {
      const code = await quiltCodeOf(connect)
      const other = await connect.browser().open(url())
      const { csrf_token: foreign = '' } = readForm(other.text, other.url).fields
      const { fields } = readForm(asked.text, asked.url)
      const right = { ...fields, quilt_code: code, decision: 'code' }
      for (const [form, origin] of [
        [right, 'https://evil.example'],
        [right, 'null'],
        [{ ...right, csrf_token: foreign }, connect.origin],
        [{ ...right, csrf_token: '' }, connect.origin],
      ] as const) {
        assert.equal((await browser.submit(url(), form, origin)).status, 403)
      }
      assert.equal((await connect.browser().submit(url(), right)).status, 403)
      assert.equal((await paste(browser, asked, code)).status, 200)
    })

    it('after too many wrong ones', async () => {
      const guesses = []
      for (let guess = 0; guess < 4; guess += 1) {
        guesses.push((await paste(browser, asked, 'A'.repeat(40))).status)
      }
      assert.deepEqual(guesses, [422, 422, 422, 429])
      await connect.passTime(60)
    })
  })
})
