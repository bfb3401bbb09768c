import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { CollectedAudit } from '../../core/audit/support/audit.ts'
import { beforeAll } from '../../support/before-all.ts'
import { readForm } from '../../support/html-form.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { refreshed } from '../apps/support.ts'
import type { Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { signIn, tokensFor } from '../support/person.ts'
import { ACTION, ADMIN, ask, confirm, linkOf, openAdmin, type AtAdmin } from './support.ts'

const END = 'End… Claude Code of grace'

describe('The administrators’ page under attack', () => {
  const audit = new CollectedAudit()
  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey, audit }))
  const client = beforeAll(() => connect.client())
  /** No attack ends it. */
  const graces = beforeAll<Tokens>(() => tokensFor(connect, client, { person: GRACE }))

  beforeEach(() => {
    audit.events.length = 0
  })

  afterEach(() => {
    connect.organisation.demoted.clear()
    connect.organisation.deactivated.clear()
    connect.organisation.registryProxy.isDown = false
    connect.organisation.registryProxy.instead('/graphql', undefined)
  })

  async function assertNothingDone(): Promise<void> {
    assert.equal(await refreshed(client, graces.refresh_token), 'refreshed')
    assert.deepEqual(
      audit.names().filter((name) => /Revoked|Action/.test(name)),
      [],
    )
  }

  it('M01: shows a user who is not an administrator nothing, and logs their credential out', async () => {
    const { browser, page } = await openAdmin(connect, GRACE)
    assert.equal(page.status, 403)
    assert.match(read(page), /Quilt says that you are not an administrator/)
    assert.doesNotMatch(page.text, /Claude Code|fingerprint|csrf_token/)
    await connect.organisation.registryProxy.loggedOut(connect.organisation.registryProxy.lastCredential)
    assert.deepEqual(audit.names(), ['SignIn', 'AdministrationOpened not_an_administrator'])
    assert.match(page.text, /href="\/connect\/admin\?account=another"/)
    const again = await browser.open(connect.origin + ADMIN)
    assert.equal(again.status, 403)
  })

  it('M02: refuses an administrator who was downgraded while the page was open, also between question and answer', async () => {
    const at = await openAdmin(connect)
    const question = await ask(at, END)
    connect.organisation.demoted.add(ADA.quilt.name)
    const { lastCredential } = connect.organisation.registryProxy
    const refused = await confirm(question)
    assert.equal(refused.status, 403)
    assert.match(read(refused), /Nothing was changed/)
    await connect.organisation.registryProxy.loggedOut(lastCredential)
    connect.organisation.demoted.clear()
    // The session is over: what they had open does nothing, even when they are an administrator again.
    assert.doesNotMatch(read(await confirm(question)), /Ended/)
    await assertNothingDone()
  })

  it('refuses an administrator whose account was deactivated', async () => {
    const question = await ask(await openAdmin(connect), END)
    connect.organisation.deactivated.add(ADA.quilt.name)
    assert.equal((await confirm(question)).status, 403)
    await assertNothingDone()
  })

  for (const [what, answer] of [
    ['is down', undefined],
    ['answers with an error', { status: 500, body: '{}' }],
    ['answers with a page', { status: 200, body: '<html>' }],
    ['answers without isAdmin', { status: 200, body: '{"data":{"me":{"name":"ada","email":"a@b"}}}' }],
    [
      'answers with isAdmin as text',
      { status: 200, body: '{"data":{"me":{"name":"ada","email":"a@b","isAdmin":"true"}}}' },
    ],
    ['answers with errors', { status: 200, body: '{"data":{"me":null},"errors":[{"message":"x"}]}' }],
  ] as const) {
    it(`returns 503 and does nothing when the Registry ${what}, and goes on afterwards`, async () => {
      const at = await openAdmin(connect)
      const question = await ask(at, END)
      const { registryProxy } = connect.organisation
      if (answer === undefined) registryProxy.isDown = true
      else registryProxy.instead('/graphql', answer)
      assert.equal((await confirm(question)).status, 503)
      assert.equal((await at.browser.open(connect.origin + ADMIN)).status, 503)
      await assertNothingDone()
      registryProxy.isDown = false
      registryProxy.instead('/graphql', undefined)
      assert.equal((await at.browser.open(connect.origin + ADMIN)).status, 200)
    })
  }

  describe('B06: a forged form changes nothing:', () => {
    const forgeries: Readonly<
      Record<string, (at: AtAdmin, question: AtAdmin) => Promise<{ status: number }>>
    > = {
      'from another website': (_at, question) => confirm(question, {}, 'https://evil.example'),
      'without a token': (_at, question) => confirm(question, { csrf_token: '' }),
      'with the token of another action': (_at, question) =>
        confirm(question, { do: 'end_user', of: 'grace' }),
      'with the token of another target': async (at, question) => {
        const { fields } = readForm(question.page.text, question.page.url)
        const other = await ask(at, 'End all of this user… grace')
        return await confirm(other, { ...fields, of: 'ada' })
      },
      'with the form of another administrator’s browser': async (_at, question) => {
        const other = await openAdmin(connect)
        const { fields, action } = readForm(question.page.text, question.page.url)
        return await other.browser.submit(action, fields)
      },
      'in a browser without a sign-in': async (_at, question) => {
        const { fields, action } = readForm(question.page.text, question.page.url)
        return await connect.browser().submit(action, fields)
      },
      'by a user who is not an administrator': async (_at, question) => {
        const { browser } = await openAdmin(connect, GRACE)
        const { fields, action } = readForm(question.page.text, question.page.url)
        return await browser.submit(action, fields)
      },
      'with an unknown action': (_at, question) => confirm(question, { do: 'end_everything' }),
      'with a member twice': (_at, question) => {
        const { fields, action } = readForm(question.page.text, question.page.url)
        const form = new URLSearchParams(fields)
        form.append('of', 'grace')
        return question.browser.submit(action, form)
      },
    }
    for (const [what, forge] of Object.entries(forgeries)) {
      it(what, async () => {
        const at = await openAdmin(connect)
        const { status } = await forge(at, await ask(at, END))
        assert.ok(status !== 200 || what.includes('without a sign-in'), String(status))
        await assertNothingDone()
      })
    }
  })

  it('M03: a session’s handle of one browser names nothing in another', async () => {
    const url = linkOf(await openAdmin(connect), END)
    const other = await openAdmin(connect)
    const page = await other.browser.open(url)
    assert.match(read(page), /There is nothing to end/)
    assert.doesNotMatch(page.text, /<form/)
  })

  it('B08: another sign-in in the same browser does not get the administrator’s session', async () => {
    const { browser } = await openAdmin(connect)
    const chosen = await browser.open(`${connect.origin}${ADMIN}?account=another`)
    const page = await signIn(browser, chosen, GRACE)
    assert.equal(page.status, 403)
    assert.equal((await browser.open(connect.origin + ADMIN)).status, 403)
  })

  it('B08: nor does another sign-in in another tab, where both tabs have their own cookie', async () => {
    const browser = connect.browser()
    const [one, other] = await Promise.all([1, 2].map(() => browser.open(connect.origin + ADMIN)))
    assert.ok(one !== undefined && other !== undefined)
    assert.match(read(await signIn(browser, one, ADA)), /Connections of your organisation/)
    assert.equal((await signIn(browser, other, GRACE)).status, 403)
    assert.doesNotMatch(read(await browser.open(connect.origin + ADMIN)), /Connections of your organisation/)
  })

  it('B01: a sign-in that another browser began does not open the page', async () => {
    const attacker = connect.browser()
    const { visited } = await attacker.open(connect.origin + ADMIN)
    const provider = connect.organisation.identityProvider.origin
    const atProvider = visited.find((url) => url.startsWith(provider)) ?? ''
    const victim = connect.browser()
    const finished = await signIn(victim, await victim.open(atProvider), ADA)
    assert.notEqual(finished.status, 200)
    assert.doesNotMatch(read(finished), /Connections of your organisation/)
    assert.doesNotMatch(read(await attacker.open(connect.origin + ADMIN)), /Connections of your organisation/)
  })

  it('B04: is not shown in a frame', async () => {
    const { page } = await openAdmin(connect)
    assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.equal(page.headers.get('x-frame-options'), 'DENY')
  })

  it('obtains no credential for a prefetch or HEAD', async () => {
    const { browser } = await openAdmin(connect)
    const cookie = browser.cookies.header(connect.origin)
    connect.organisation.registryProxy.forget()
    for (const request of [{ method: 'HEAD' }, { headers: { 'sec-purpose': 'prefetch' } }]) {
      await fetch(connect.origin + ADMIN, {
        ...request,
        headers: { cookie, ...request.headers },
        redirect: 'manual',
      })
    }
    assert.deepEqual(connect.organisation.registryProxy.asked, [])
  })

  it('asks the Registry at each request: nothing says for longer who is an administrator', async () => {
    const at = await openAdmin(connect)
    connect.organisation.registryProxy.forget()
    await at.browser.open(connect.origin + ADMIN)
    await ask(at, END)
    assert.equal(connect.organisation.registryProxy.timesAsked('/graphql'), 2)
  })

  it('returns 503 while Redis does not answer', async () => {
    const lonelyValkey = await startValkey()
    const lonely = await startConnect({ valkey: lonelyValkey })
    const at = await openAdmin(lonely)
    await lonelyValkey.kill()
    await until(() => lonely.redis.status !== 'ready', 'the lost connection')
    assert.equal((await at.browser.open(lonely.origin + ADMIN)).status, 503)
  })

  it('is absent with ADMIN_PAGE=off', async () => {
    const at = await openAdmin(connect)
    const question = await ask(at, END)
    connect.redeploy({ ADMIN_PAGE: 'off' })
    assert.equal((await at.browser.open(connect.origin + ADMIN)).status, 404)
    assert.equal((await at.browser.open(question.page.url)).status, 404)
    assert.equal((await confirm(question)).status, 404)
    assert.equal(
      (await connect.post(`${ADMIN}/api/end-user`, '{}', { 'content-type': 'application/json' })).status,
      404,
    )
    connect.redeploy({ ADMIN_PAGE: 'on' })
    await assertNothingDone()
    assert.equal((await connect.get(ACTION)).status, 303)
  })
})
