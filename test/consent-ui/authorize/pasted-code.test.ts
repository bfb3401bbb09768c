import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { ADA } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { startConnect } from '../support/connect.ts'
import { CODE_AFTER_SIGN_IN, CODE_ALONE, paste, quiltCodeOf, read } from '../support/pasted-code.ts'
import { approve, callbackOf, signIn } from '../support/person.ts'
import { dump } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const WAYS = [
  ['after a sign-in', CODE_AFTER_SIGN_IN],
  ['that is the sign-in', CODE_ALONE],
] as const

for (const [way, settings] of WAYS) {
  describe(`A one-time code ${way}`, () => {
    let browser: HttpBrowser
    let page: Page
    const isAlone = settings === CODE_ALONE

    const connect = beforeAll(() => startConnect({ settings }))
    const client = beforeAll(() => connect.client())

    beforeEach(async () => {
      connect.organisation.registryProxy.forget()
      connect.organisation.registryProxy.isDown = false
      connect.organisation.registryProxy.shut.clear()
      connect.organisation.deactivated.clear()
      browser = connect.browser()
      page = await codePageIn(browser)
    })

    async function codePageIn(somebodys: HttpBrowser, person = ADA): Promise<Page> {
      const opened = await somebodys.open(client.authorizationUrl())
      return isAlone ? opened : await signIn(somebodys, opened, person)
    }

    /** Asserts that the page shows a reason and accepts a valid code. */
    async function assertAskedAgain(shown: Page, status: number, words: string): Promise<void> {
      assert.equal(shown.status, status, shown.text)
      assert.ok(read(shown).includes(words), read(shown))
      assert.equal(shown.headers.get('retry-after'), status === 503 ? '5' : null)
      const { registryProxy, deactivated } = connect.organisation
      registryProxy.isDown = false
      registryProxy.shut.clear()
      deactivated.clear()
      const consent = await paste(browser, shown, await quiltCodeOf(connect))
      assert.ok((await approve(browser, consent)).searchParams.has('code'))
    }

    it('is asked for on a page that shows the client, where to get the code, and the only place to paste it', () => {
      const { host } = new URL(connect.origin)
      const registry = connect.organisation.registry.origin
      const text = read(page)
      for (const words of [
        'Sign in to Quilt',
        'Claude Code wants to access your Quilt account. Before you decide, sign in to Quilt.',
        `Open the Quilt sign-in page at ${new URL(registry).host} in a new tab, and sign in`,
        'Copy the code that it shows.',
        'One-time code from Quilt',
        `Anyone who has this code can act as you. Paste it only at ${host}, never in a chat or an email.`,
        'Continue',
        'Cancel',
        ...(isAlone ? [] : [`and sign in as ${ADA.email}.`]),
      ]) {
        assert.ok(text.includes(words), `${words}: ${text}`)
      }
      assert.ok(page.text.includes(`href="${registry}/login" target="_blank" rel="noopener noreferrer"`))
      const [input = ''] = /<input\s+id="quilt_code"[^>]*>/.exec(page.text) ?? []
      assert.match(input, /type="text"/)
      assert.match(input, /autocomplete="one-time-code"/)
      assert.match(page.text, /<label for="quilt_code">/)
      assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
      assert.equal(page.headers.get('cache-control'), 'no-store')
    })

    it('leads to the consent page and then to tokens of its user', async () => {
      const consent = await paste(browser, page, await quiltCodeOf(connect))
      assert.ok(read(consent).includes(`You are signed in as ${ADA.email}`))
      assert.ok(
        read(consent).includes(
          '30 days 90 days Access ends earlier if it is unused for 14 days, or when you or an administrator ends it.',
        ),
      )
      const callback = await approve(browser, consent)
      const answer = await client.redeem(callback.searchParams.get('code') ?? '')
      const { access_token: token } = JSON.parse(answer.text) as { access_token: string }
      assert.equal(decodeJwt(token).sub, ADA.quilt.name)
    })

    it('may contain white space', async () => {
      const code = await quiltCodeOf(connect)
      const consent = await paste(browser, page, ` ${code.slice(0, 40)}\r\n${code.slice(40)} `)
      assert.ok(consent.text.includes('Authorize Application'), read(consent))
    })

    it('is in no log, URL or Redis value, nor is its credential', async () => {
      const code = await quiltCodeOf(connect)
      const consent = await paste(browser, page, code)
      const elsewhere = connect.browser()
      assert.equal((await paste(elsewhere, await codePageIn(elsewhere), code)).status, 422)
      const credential = connect.organisation.registryProxy.lastCredential
      assert.ok(credential.length > 20)
      const places = [await dump(connect.redis), connect.lines.join('\n'), consent.text, ...consent.visited]
      for (const secret of [code, credential]) {
        for (const place of places) assert.ok(!place.includes(secret), place.slice(0, 200))
      }
    })

    for (const pasted of [
      '',
      'x',
      'qk_abcdefghijklmnopqrstuvwxyz',
      'a b c',
      'eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.x',
      '<b>',
    ]) {
      it(`is not ${JSON.stringify(pasted)}: the page says so, and the Registry is not asked`, async () => {
        const shown = await paste(browser, page, pasted)
        assert.equal(connect.organisation.registryProxy.timesAsked('/api/token'), 0)
        await assertAskedAgain(shown, 422, 'This is not a one-time code.')
      })
    }

    it('is asked for again if it was wrong', async () => {
      const shown = await paste(browser, page, Buffer.from('{"id":"x","code":"y"}').toString('base64'))
      await assertAskedAgain(
        shown,
        422,
        'Quilt did not accept this code. A code works once and expires after ten minutes.',
      )
    })

    it('is asked for again if it was used before', async () => {
      const code = await quiltCodeOf(connect)
      await paste(browser, page, code)
      browser = connect.browser()
      await assertAskedAgain(await paste(browser, await codePageIn(browser), code), 422, 'Get a new one.')
    })

    it('is refused if its user was deactivated, and the page says whom to ask', async () => {
      const code = await quiltCodeOf(connect)
      connect.organisation.deactivated.add(ADA.quilt.name)
      await assertAskedAgain(await paste(browser, page, code), 422, 'ask your Quilt administrator')
    })

    it('can be pasted again when the Registry is back', async () => {
      const code = await quiltCodeOf(connect)
      connect.organisation.registryProxy.isDown = true
      const shown = await paste(browser, page, code)
      assert.equal(shown.status, 503)
      assert.ok(
        read(shown).includes('Quilt could not check this code just now. Paste the code again in a moment'),
      )
      connect.organisation.registryProxy.isDown = false
      const consent = await paste(browser, shown, code)
      assert.ok(consent.text.includes('Authorize Application'))
    })

    it("is not quoted in the log if the Registry's response is not JSON", async () => {
      const door = connect.organisation.registryProxy
      door.instead('/api/token', { status: 200, body: '{"access_token":quilt-secret' })
      const shown = await paste(browser, page, await quiltCodeOf(connect))
      door.instead('/api/token', undefined)
      await assertAskedAgain(shown, 503, 'Quilt could not check this code just now.')
      assert.doesNotMatch(connect.lines.join('\n'), /quilt-s/)
    })

    it('is asked for again if its user cannot be looked up, and its credential is logged out', async () => {
      const door = connect.organisation.registryProxy
      door.shut.add('/api/me')
      const shown = await paste(browser, page, await quiltCodeOf(connect))
      await door.loggedOut(door.lastCredential)
      await assertAskedAgain(shown, 503, 'If Quilt refuses it, get a new one')
    })

    describe('is refused in a form', () => {
      async function assertRefused(fields: Record<string, string>, origin = connect.origin): Promise<void> {
        const url = new URL(page.url)
        const shown = await browser.submit(url.href, fields, origin)
        assert.equal(shown.status, 403, shown.text)
        assert.equal(connect.organisation.registryProxy.timesAsked('/api/token'), 0)
      }

      const tokenOf = (shown: Page): string => /name="csrf_token" value="([^"]+)"/.exec(shown.text)?.[1] ?? ''

      it('without the token of the page', async () => {
        await assertRefused({ quilt_code: await quiltCodeOf(connect), decision: 'code' })
      })

      it('with the token of another page', async () => {
        const other = tokenOf(await codePageIn(connect.browser()))
        await assertRefused({ quilt_code: await quiltCodeOf(connect), decision: 'code', csrf_token: other })
      })

      it('of another site', async () => {
        const fields = { quilt_code: await quiltCodeOf(connect), decision: 'code', csrf_token: tokenOf(page) }
        await assertRefused(fields, 'https://evil.example')
      })
    })

    it("is useless in another browser that knows the page's address", async () => {
      const attacker = connect.browser()
      const begun = await attacker.open(client.authorizationUrl())
      const cookie = attacker.cookies.header(connect.origin)
      // The victim has the attacker's cookie: a page on another port can set it on this computer.
      if (isAlone) {
        const victim = connect.browser()
        victim.cookies.keep(connect.origin, [`${cookie}; path=/`])
        const consent = await paste(victim, await victim.open(begun.url), await quiltCodeOf(connect))
        assert.ok(consent.text.includes('Authorize Application'))
        const seen = await attacker.open(begun.url)
        assert.ok(!seen.text.includes('Authorize Application') && !seen.text.includes(ADA.email))
      }
      const stranger = await connect.browser().open(page.url)
      assert.equal(stranger.status, 400)
    })

    it('changes nothing if it arrives in the form of an earlier step', async () => {
      const code = await quiltCodeOf(connect)
      await paste(browser, page, code)
      const late = await paste(browser, page, code)
      assert.ok(late.text.includes('Authorize Application'), read(late))
    })

    it('is not needed to cancel', async () => {
      const callback = callbackOf(await browser.press(page, 'Cancel'))
      assert.equal(callback.searchParams.get('error'), 'access_denied')
    })

    it('stays usable when the operator makes another key current', async () => {
      const consent = await paste(browser, page, await quiltCodeOf(connect))
      connect.rotateSealingKeys()
      assert.ok((await approve(browser, consent)).searchParams.has('code'))
    })

    it('gives no session if its user is deactivated before they answer', async () => {
      const consent = await paste(browser, page, await quiltCodeOf(connect))
      connect.organisation.deactivated.add(ADA.quilt.name)
      const shown = await browser.press(consent, 'Continue')
      assert.equal(shown.status, 403)
      assert.ok(read(shown).includes('No Quilt account'))
    })

    it('is kept while the Registry is down at the answer: the page can be answered again', async () => {
      const consent = await paste(browser, page, await quiltCodeOf(connect))
      connect.organisation.registryProxy.isDown = true
      const shown = await browser.press(consent, 'Continue')
      assert.equal(shown.status, 503)
      const [, href = ''] = /<a href="([^"]*)">Back to the form<\/a>/.exec(shown.text) ?? []
      connect.organisation.registryProxy.isDown = false
      const again = await browser.open(connect.origin + href)
      assert.ok((await approve(browser, again)).searchParams.has('code'))
    })
  })
}
