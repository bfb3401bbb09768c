import assert from 'node:assert/strict'
import type { HttpBrowser } from '../../support/http-browser.ts'
import { until } from '../../support/until.ts'
import { tokensOf, type TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_ALONE, paste, quiltCodeOf, tokensByCode } from '../support/pasted-code.ts'
import { approve, codeFor, openConsent, tokensFor } from '../support/person.ts'
import type { RegistryProxy } from '../support/registry-proxy.ts'
import { keysAddedBy } from '../support/store.ts'

const LOGOUT = '/api/logout'
const EXCHANGE = '/api/token-exchange'

describe('A Quilt credential', () => {
  let connect: Connect
  let client: TestClient
  let browser: HttpBrowser
  let door: RegistryProxy

  async function startWith(settings: Record<string, string>): Promise<void> {
    connect = await startConnect({ settings })
    client = await connect.client()
    browser = connect.browser()
    door = connect.organisation.registryProxy
  }

  async function assertGood(credential: string): Promise<void> {
    const headers = { authorization: `Bearer ${credential}` }
    const answer = await fetch(`${connect.organisation.registry.origin}/api/me`, { headers })
    assert.equal(answer.status, 200)
  }

  describe('of a pasted code', () => {
    beforeEach(() => startWith(CODE_ALONE))

    async function hold(): Promise<{ consent: Awaited<ReturnType<typeof paste>>; credential: string }> {
      const page = await browser.open(client.authorizationUrl())
      const consent = await paste(browser, page, await quiltCodeOf(connect))
      return { consent, credential: door.lastCredential }
    }

    it('is logged out if the user cancels', async () => {
      const left = await keysAddedBy(connect.redis, async () => {
        const { consent, credential } = await hold()
        await browser.press(consent, 'Cancel')
        await door.loggedOut(credential)
      })
      assert.deepEqual(
        left.filter((key) => key.endsWith(':held')),
        [],
      )
    })

    it('is logged out after its request expires without an answer, not earlier', async () => {
      const { credential } = await hold()
      await connect.passTime(600)
      await assertGood(credential)
      await connect.passTime(100)
      await door.loggedOut(credential)
    })

    it('is logged out if its authorization code is never redeemed', async () => {
      const { consent, credential } = await hold()
      await approve(browser, consent)
      await connect.passTime(700)
      await door.loggedOut(credential)
    })

    it('stays valid while a session uses it', async () => {
      const tokens = await tokensByCode(connect, client)
      await connect.passTime(700)
      await client.refresh(tokens.refresh_token)
      assert.equal(door.timesAsked(LOGOUT), 0)
      await assertGood(door.lastCredential)
    })

    it('is logged out when the process stops before an answer', async () => {
      const { consent, credential } = await hold()
      await connect.unused.logOutUndecided()
      assert.deepEqual(door.shownAt(LOGOUT), [credential])
      const shown = await browser.press(consent, 'Continue')
      assert.ok(shown.text.includes('One-time code from Quilt'), shown.text)
    })

    it('stays valid when the process stops after an approval', async () => {
      const { consent } = await hold()
      const callback = await approve(browser, consent)
      await connect.unused.logOutUndecided()
      tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
      assert.deepEqual(door.shownAt(LOGOUT), [])
    })
  })

  describe('of an exchange', () => {
    beforeEach(() => startWith({}))

    it('is logged out if the user cancels', async () => {
      const consent = await openConsent(browser, client.authorizationUrl())
      await browser.press(consent, 'Cancel')
      await door.loggedOut(door.lastCredential)
    })

    it('is logged out if the user cancels while it is exchanged', async () => {
      door.hold(EXCHANGE)
      const consent = await openConsent(browser, client.authorizationUrl())
      await browser.press(consent, 'Cancel')
      door.answerHeld(EXCHANGE)
      await connect.inBackground.settled()
      await door.loggedOut(door.lastCredential)
    })

    it('is logged out after its request expires without an answer', async () => {
      await openConsent(browser, client.authorizationUrl())
      await connect.passTime(600)
      await assertGood(door.lastCredential)
      await connect.passTime(100)
      await door.loggedOut(door.lastCredential)
    })

    it('is logged out if the code is never redeemed', async () => {
      await codeFor(connect, client)
      await connect.passTime(700)
      await door.loggedOut(door.lastCredential)
    })

    it('of an approval without one before is logged out a minute after a code that is not redeemed', async () => {
      door.shut.add(EXCHANGE)
      const consent = await openConsent(browser, client.authorizationUrl())
      door.shut.clear()
      await approve(browser, consent)
      const credential = door.lastCredential
      await connect.passTime(60)
      await assertGood(credential)
      await connect.passTime(5)
      await door.loggedOut(credential)
    })

    it('stays valid while a session uses it', async () => {
      await tokensFor(connect, client)
      await connect.passTime(3000)
      await assertGood(door.lastCredential)
    })

    for (const which of ['refresh_token', 'access_token'] as const) {
      it(`is logged out when the client revokes its session with the ${which}`, async () => {
        const tokens = await tokensFor(connect, client)
        const credential = door.lastCredential
        assert.equal((await client.revoke(tokens[which])).status, 200)
        await door.loggedOut(credential)
      })
    }

    it('stays valid if another client tries to revoke its session', async () => {
      const tokens = await tokensFor(connect, client)
      const other = await connect.client(client.redirectUri, 'Another')
      await other.revoke(tokens.refresh_token)
      await client.refresh(tokens.refresh_token)
      assert.equal(door.timesAsked(LOGOUT), 0)
    })

    it('expires if its logout fails: the session has ended, and the failure is logged', async () => {
      const tokens = await tokensFor(connect, client)
      door.isDown = true
      assert.equal((await client.revoke(tokens.refresh_token)).status, 200)
      assert.deepEqual(
        await connect.redis.keys(`connect:{${tokens.refresh_token.split('.')[1] ?? ''}}:session`),
        [],
      )
      await until(
        () => connect.lines.some((line) => line.includes('registry: credential not logged out')),
        'the line in the log',
      )
    })
  })
})
