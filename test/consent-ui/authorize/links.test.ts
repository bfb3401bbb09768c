import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import type { Page } from '../../support/http-browser.ts'
import type { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_AFTER_SIGN_IN, paste, quiltCodeOf, read } from '../support/pasted-code.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'

const DAY_SECONDS = 86_400

describe('A Quilt user', () => {
  let provider: ScriptedIdentityProvider
  let connect: Connect
  let client: TestClient

  beforeEach(async () => {
    provider = new ScriptedIdentityProvider()
    connect = await startConnect({ identityProvider: (issuer, uri) => provider.listener(issuer, uri) })
    client = await connect.client()
  })

  async function answerAs(claims: Record<string, unknown>): Promise<Page> {
    provider.claims = claims
    const browser = connect.browser()
    return await browser.press(await browser.open(client.authorizationUrl()), 'Continue')
  }

  function assertRefused(page: Page, title = 'Account already linked'): void {
    assert.equal(page.status, 403, page.text)
    assert.ok(read(page).includes(title), read(page))

    assert.ok(read(page).includes('The application got no access. Ask your Quilt administrator.'))
    assert.ok(connect.lines.some((line) => line.includes('"level":40') && line.includes('linked to another')))
  }

  it('is the same user at the next sign-in', async () => {
    assert.equal((await answerAs({})).status, 303)
    assert.equal((await answerAs({})).status, 303)
  })

  it('is not taken over by a new subject with the same e-mail address, whose credential is logged out', async () => {
    assert.equal((await answerAs({})).status, 303)
    assertRefused(await answerAs({ sub: 'a new employee with an old address' }), 'Your sign-in has changed')
    const door = connect.organisation.registryProxy
    await door.loggedOut(door.lastCredential)
    assert.equal((await answerAs({})).status, 303)
  })

  it("is not taken over by another Quilt user's subject that changed its e-mail address", async () => {
    assert.equal((await answerAs({ sub: 'mallory', email: ADA.email })).status, 303)
    assertRefused(await answerAs({ sub: 'mallory', email: GRACE.email }))
    assert.equal((await answerAs({ sub: GRACE.sub, email: GRACE.email })).status, 303)
  })

  it('is linked to one of several subjects that sign in at the same moment', async () => {
    const pages = []
    for (const sub of ['one', 'two', 'three', 'four']) {
      provider.claims = { sub }
      const browser = connect.browser()
      pages.push({ browser, consent: await browser.open(client.authorizationUrl()) })
    }
    const answers = await Promise.all(pages.map(({ browser, consent }) => browser.press(consent, 'Continue')))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403, 403, 403])
    const links = await connect.redis.keys('connect:person:*')
    for (const link of links) assert.ok((await connect.redis.ttl(link)) > 0)
  })

  it('stays linked for 400 days after the last sign-in', async () => {
    await answerAs({})
    await connect.passTime(390 * DAY_SECONDS)
    connect.skipOwnClock(-390 * DAY_SECONDS)
    assert.equal((await answerAs({})).status, 303)
    await connect.passTime(390 * DAY_SECONDS)
    connect.skipOwnClock(-390 * DAY_SECONDS)
    assertRefused(await answerAs({ sub: 'another' }), 'Your sign-in has changed')
    await connect.passTime(401 * DAY_SECONDS)
    connect.skipOwnClock(-401 * DAY_SECONDS)
    assert.equal((await answerAs({ sub: 'another' })).status, 303)
  })

  it('is in no key and no value of Redis by name', async () => {
    await answerAs({ sub: 'subject-that-stays-secret' })
    for (const key of await connect.redis.keys('connect:person:*')) {
      assert.match(key, /^connect:person:[A-Za-z0-9_-]{43}$/)
      const link = JSON.parse((await connect.redis.get(key)) ?? '') as Record<string, string>
      assert.deepEqual(Object.keys(link), ['version', 'to', 'origin', 'mac'])
      assert.match(link.to ?? '', /^connect:person:[A-Za-z0-9_-]{43}$/)
      assert.match(link.mac ?? '', /^key-1\.[A-Za-z0-9_-]{43}$/)
    }
  })

  it('is linked by a pasted code too', async () => {
    assert.equal((await answerAs({})).status, 303)
    connect.redeploy(CODE_AFTER_SIGN_IN)
    provider.claims = { sub: 'another' }
    const browser = connect.browser()
    const page = await browser.open(client.authorizationUrl())
    assertRefused(await paste(browser, page, await quiltCodeOf(connect)), 'Your sign-in has changed')
  })
})
