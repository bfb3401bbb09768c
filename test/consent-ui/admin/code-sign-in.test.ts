import assert from 'node:assert/strict'
import { ADA, GRACE, type DemoPerson } from '../../../deploy/demo/people.ts'
import { CollectedAudit } from '../../core/audit/support/audit.ts'
import { beforeAll } from '../../support/before-all.ts'
import { APPS } from '../apps/support.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_AFTER_SIGN_IN, CODE_ALONE, paste, quiltCodeOf, read } from '../support/pasted-code.ts'
import { signIn } from '../support/person.ts'
import { ADMIN, type AtAdmin } from './support.ts'

const LIST = /Connections of your organisation/

describe('A sign-in to the administrators’ page with a pasted code', () => {
  const audit = new CollectedAudit()
  const afterSignIn = beforeAll(() => startConnect({ audit, settings: CODE_AFTER_SIGN_IN }))
  const alone = beforeAll(() => startConnect({ audit, settings: CODE_ALONE }))

  /** Up to the page that asks for the code. */
  async function begin(connect: Connect, person: DemoPerson): Promise<AtAdmin> {
    const browser = connect.browser()
    const first = await browser.open(connect.origin + ADMIN)
    const page = connect === afterSignIn ? await signIn(browser, first, person) : first
    assert.match(read(page), /Sign in to manage the connections of your organisation\./)
    return { browser, page }
  }

  for (const [what, connectOf] of [
    ['after the identity provider', () => afterSignIn],
    ['as the sign-in', () => alone],
  ] as const) {
    it(`opens it for an administrator, ${what}`, async () => {
      const { browser, page } = await begin(connectOf(), ADA)
      assert.match(read(await paste(browser, page, await quiltCodeOf(connectOf()))), LIST)
    })

    it(`refuses a user who is not an administrator, ${what}`, async () => {
      const { browser, page } = await begin(connectOf(), GRACE)
      const refused = await paste(browser, page, await quiltCodeOf(connectOf(), GRACE))
      assert.equal(refused.status, 403)
      assert.match(read(refused), /For Quilt administrators/)
      assert.doesNotMatch(read(await browser.open(connectOf().origin + ADMIN)), LIST)
    })

    it(`asks again after a code that Quilt refuses, and records it, ${what}`, async () => {
      const { browser, page } = await begin(connectOf(), ADA)
      const again = await paste(browser, page, Buffer.from('{"id":"x","code":"wrong"}').toString('base64'))
      assert.equal(again.status, 422)
      assert.equal(audit.names().at(-1), 'AdministrationOpened code_refused')
      assert.match(read(await paste(browser, again, await quiltCodeOf(connectOf()))), LIST)
    })
  }

  it('logs the credential out if Redis cannot keep it', async () => {
    const { browser, page } = await begin(alone, ADA)
    const code = await quiltCodeOf(alone)
    const { redis, organisation } = alone
    await redis.config('SET', 'maxmemory', '1mb')
    const answer = await paste(browser, page, code)
    await redis.config('SET', 'maxmemory', '0')
    assert.equal(answer.status, 503)
    await organisation.registryProxy.loggedOut(organisation.registryProxy.lastCredential)
  })

  it('refuses an administrator’s code of another user’s sign-in, and logs its credential out', async () => {
    const { browser, page } = await begin(afterSignIn, GRACE)
    const refused = await paste(browser, page, await quiltCodeOf(afterSignIn, ADA))
    assert.equal(refused.status, 403)
    assert.doesNotMatch(read(refused), LIST)
    const { registryProxy } = afterSignIn.organisation
    await registryProxy.loggedOut(registryProxy.lastCredential)
  })

  it('redeems no code once the sign-in at the identity provider has expired', async () => {
    const { browser, page } = await begin(afterSignIn, ADA)
    afterSignIn.skipOwnClock(601)
    afterSignIn.organisation.registryProxy.forget()
    await paste(browser, page, await quiltCodeOf(afterSignIn))
    assert.equal(afterSignIn.organisation.registryProxy.timesAsked('/api/token'), 0)
    afterSignIn.skipOwnClock(-601)
  })

  it('changes the browser’s cookie when the code is the sign-in', async () => {
    const { browser, page } = await begin(alone, ADA)
    const before = browser.cookies.header(alone.origin)
    await paste(browser, page, await quiltCodeOf(alone))
    assert.notEqual(browser.cookies.header(alone.origin), before)
  })

  it('B08: does not leave an administrator’s session to the next user, who has another tab’s cookie', async () => {
    const browser = alone.browser()
    const [one, other] = await Promise.all([1, 2].map(() => browser.open(alone.origin + ADMIN)))
    assert.ok(one !== undefined && other !== undefined)
    assert.match(read(await paste(browser, one, await quiltCodeOf(alone, ADA))), LIST)
    assert.equal((await paste(browser, other, await quiltCodeOf(alone, GRACE))).status, 403)
    assert.doesNotMatch(read(await browser.open(alone.origin + ADMIN)), LIST)
  })

  it('B08: ends an administrator’s session when another user signs in to their applications', async () => {
    const { browser, page } = await begin(alone, ADA)
    await paste(browser, page, await quiltCodeOf(alone))
    const open = (path: string) => browser.open(alone.origin + path)
    // The sign-in to the applications ends before the administrator's session.
    for (const seconds of [500, 150]) {
      assert.match(read(await open(ADMIN)), LIST)
      await alone.passTime(seconds)
    }
    const apps = await paste(browser, await open(APPS), await quiltCodeOf(alone, GRACE))
    assert.match(read(apps), /signed in as grace/)
    assert.doesNotMatch(read(await open(ADMIN)), LIST)
  })

  it('refuses the form of another website or browser', async () => {
    const { page } = await begin(alone, ADA)
    const other = await begin(alone, ADA)
    const code = await quiltCodeOf(alone)
    assert.equal((await paste(other.browser, page, code)).status, 403)
    const form = { quilt_code: code, decision: 'code' }
    assert.equal((await other.browser.submit(alone.origin + ADMIN, form, 'https://evil.example')).status, 403)
  })
})
