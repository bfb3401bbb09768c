import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { reportUse } from '../../../core/sessions/session-details.ts'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { CollectedAudit } from '../../core/audit/support/audit.ts'
import { beforeAll } from '../../support/before-all.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { openApps, refreshed } from '../apps/support.ts'
import { assertRefused, TestClient, type Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { tokensFor } from '../support/person.ts'
import { dump } from '../support/store.ts'
import { ADMIN, ask, confirm, copySessions, linkOf, openAdmin, rowsOf } from './support.ts'

/** With its own Redis: another test's sessions would be listed too. */
/** A notice that is shown in green. */
const SUCCESS = /class="notice success"/

describe('The administrators’ page', () => {
  const audit = new CollectedAudit()
  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey, audit }))
  const claude = beforeAll(() => connect.client())
  const codex = beforeAll(() => connect.client('http://127.0.0.1:9999/callback', 'Codex'))
  let adas: Tokens
  let graces: Tokens

  async function openSessions(): Promise<void> {
    await connect.redis.flushall()
    // Writes the controls again, which it would otherwise do in the middle of a test.
    await connect.controls.refresh()
    adas = await tokensFor(connect, claude)
    connect.skipOwnClock(1)
    graces = await tokensFor(connect, codex, { person: GRACE })
    audit.events.length = 0
    connect.lines.length = 0
  }

  async function statusesOf(...pairs: readonly (readonly [TestClient, Tokens])[]): Promise<string[]> {
    return await Promise.all(pairs.map(([client, { refresh_token: token }]) => refreshed(client, token)))
  }

  describe('lists', () => {
    before(openSessions)
    const at = beforeAll(() => openAdmin(connect))

    it('the connections of all users, newest first, with access, approval, use and expiry', async () => {
      const usedAt = Date.UTC(2026, 10, 29, 9, 30) / 1000
      await reportUse(connect.redis, String(decodeJwt(adas.access_token).sid), { at: usedAt, tools: [] })
      const page = await at.browser.open(connect.origin + ADMIN)
      assert.equal(page.status, 200, page.text)
      assert.equal(page.text.split('<h1').length - 1, 1)
      assert.equal(page.text.split('<th scope="col"').length - 1, 8)
      assert.equal(page.headers.get('cache-control'), 'no-store')
      assert.deepEqual(rowsOf(page), [`${GRACE.email} Codex`, `${ADA.email} Claude Code`])
      const text = read(page)
      assert.match(text, /You are signed in as ada@example\.com\./)
      assert.match(
        text,
        /Codex [0-9a-f]{16} End all of this application… Block… Quilt Platform MCP Server Read and change .* not yet/,
      )
      assert.match(text, /Claude Code .* 29 Nov 2026/)
      assert.ok(text.includes(fingerprintOf(codex.id)))
    })

    for (const [query, expected] of [
      ['user=GRACE', ['Codex']],
      ['user=ada%40', ['Claude Code']],
      ['client=code', ['Codex', 'Claude Code'].filter((name) => name.toLowerCase().includes('code'))],
      ['client=claude&user=grace', []],
      ['service=https%3A%2F%2Felsewhere.example', []],
      ['user=%3Cscript%3E', []],
    ] as const) {
      it(`those that a filter asks for: ${query}`, async () => {
        const page = await at.browser.open(`${connect.origin}${ADMIN}?${query}`)
        assert.deepEqual(
          rowsOf(page).map((row) => row.slice(row.indexOf(' ') + 1)),
          expected,
        )
        assert.equal(page.text.includes('No connections match.'), expected.length === 0)
        assert.ok(!page.text.includes('<script>'))
      })
    }

    it('those of a client’s fingerprint and of a service', async () => {
      const query = `client=${fingerprintOf(codex.id)}&service=${encodeURIComponent(`${connect.origin}/mcp/platform`)}`
      assert.deepEqual(rowsOf(await at.browser.open(`${connect.origin}${ADMIN}?${query}`)), [
        `${GRACE.email} Codex`,
      ])
    })

    it('links to sign-out and the administrator’s own applications', () => {
      assert.match(at.page.text, /href="\/connect\/signout"/)
      assert.match(at.page.text, /href="\/connect\/apps"/)
      assert.match(linkOf(at, 'Block… Codex'), /\?do=block_client&of=[0-9a-f]{16}$/)
    })

    it('no session that has ended', async () => {
      await codex.revoke(graces.refresh_token)
      const page = await at.browser.open(connect.origin + ADMIN)
      assert.deepEqual(rowsOf(page), [`${ADA.email} Claude Code`])
    })

    it('fifty on a page, each once, and keeps the filter', async () => {
      await copySessions(connect, String(decodeJwt(adas.access_token).sid), 120)
      const seen: string[] = []
      const sizes: number[] = []
      let url: string | undefined = `${connect.origin}${ADMIN}?user=ada`
      while (url !== undefined) {
        const page = await at.browser.open(url)
        seen.push(...rowsOf(page))
        sizes.push(rowsOf(page).length)
        const next: string | undefined = /<a href="([^"]*before[^"]*)"/.exec(page.text)?.[1]
        url = next === undefined ? undefined : new URL(next.replaceAll('&#38;', '&'), connect.origin).href
      }
      assert.deepEqual(sizes, [50, 50, 21])
      assert.equal(new Set(seen).size, 121)
    })
  })

  describe('asks before it', () => {
    beforeEach(openSessions)

    it('ends one connection: that client is refused, others are not', async () => {
      const at = await openAdmin(connect)
      const question = await ask(at, 'End… Codex of grace')
      assert.match(read(question.page), /End this connection\? .* Codex ?: grace@example\.com/)
      assert.deepEqual(await statusesOf([codex, graces]), ['refreshed'])
      const done = await confirm(question)
      assert.match(read(done), /Ended: 1 connection, refused from the next request on\./)
      assert.match(done.text, SUCCESS)
      assert.deepEqual(await statusesOf([claude, adas], [codex, graces]), ['refreshed', 'invalid_grant'])
      const again = await confirm(question)
      assert.match(read(again), /Nothing to end: that access had already ended\./)
      assert.doesNotMatch(again.text, SUCCESS)
      const { page } = await openApps(connect, GRACE)
      assert.match(read(page), /Recently ended Codex, \d.* UTC ?: your administrator ended it\./)
    })

    it('ends all connections of a user, and codes that they approved before', async () => {
      const more = await tokensFor(connect, claude, { person: GRACE })
      const done = await confirm(await ask(await openAdmin(connect), 'End all of this user… grace'))
      assert.match(read(done), /Ended: 2 connections/)
      assert.deepEqual(await statusesOf([codex, graces], [claude, more], [claude, adas]), [
        'invalid_grant',
        'invalid_grant',
        'refreshed',
      ])
    })

    it('ends all connections of a client', async () => {
      const more = await tokensFor(connect, codex)
      const done = await confirm(await ask(await openAdmin(connect), 'End all of this application… Codex'))
      assert.match(read(done), /Ended: 2 connections/)
      assert.deepEqual(await statusesOf([codex, graces], [codex, more], [claude, adas]), [
        'invalid_grant',
        'invalid_grant',
        'refreshed',
      ])
    })

    it('blocks a client, shows who did it, and unblocks it', async () => {
      const at = await openAdmin(connect)
      const question = await ask(at, 'Block… Codex')
      assert.match(read(question.page), /adds [0-9a-f]{16} to CONNECT_BLOCKED_CLIENTS/)
      assert.match(read(await confirm(question)), /Blocked: Codex \([0-9a-f]{16}\) is refused/)
      await connect.controls.refresh()
      assertRefused(await codex.refresh(graces.refresh_token), 'unauthorized_client')
      const listed = { ...at, page: await at.browser.open(connect.origin + ADMIN) }
      assert.match(read(listed.page), /Blocked applications .* Codex [0-9a-f]{16}, blocked by ada on/)
      const unblock = await ask(listed, `Unblock… Codex (${fingerprintOf(codex.id)})`)
      assert.match(read(unblock.page), /Users can connect Codex \([0-9a-f]{16}\) again/)
      assert.match(read(await confirm(unblock)), /Unblocked: Codex \(/)
      await connect.controls.refresh()
      assert.deepEqual(await statusesOf([codex, graces]), ['refreshed'])
    })

    it('marks a connection as blocked by another redirect URI of its client, as authz does', async () => {
      const redirectUris = ['http://localhost:33418/callback', 'https://eln.benchling.com/callback']
      const { text } = await connect.register({ client_name: 'Lab', redirect_uris: redirectUris })
      const { client_id: id } = JSON.parse(text) as { client_id: string }
      await tokensFor(
        connect,
        new TestClient(connect.origin, { id, redirectUri: 'http://localhost:33418/callback' }),
      )
      const isBlocked = async () =>
        /Lab [0-9a-f]{16} End all of this application… blocked/.test(read((await openAdmin(connect)).page))
      assert.equal(await isBlocked(), false)
      connect.redeploy({ CONNECT_BLOCKED_CLIENTS: 'eln.benchling.com' })
      assert.equal(await isBlocked(), true)
      connect.redeploy({ CONNECT_BLOCKED_CLIENTS: '' })
    })

    it('changes nothing by a GET', async () => {
      const at = await openAdmin(connect)
      for (const link of [
        'End… Codex of grace',
        'End all of this user… grace',
        'End all of this application… Codex',
        'Block… Codex',
      ]) {
        await ask(at, link)
      }
      await connect.controls.refresh()
      assert.deepEqual(await statusesOf([codex, graces]), ['refreshed'])
    })
  })

  describe('has actions that', () => {
    beforeEach(openSessions)

    it('are audited with who did it, and each ended session with whose it was', async () => {
      const at = await openAdmin(connect)
      await confirm(await ask(at, 'End all of this user… grace'))
      assert.deepEqual(audit.names(), [
        'SignIn',
        'AdministrationOpened',
        'SessionRevoked',
        'AdministratorAction',
      ])
      const who = audit.events.map((event) => [event.userIdentity?.email, event.additionalEventData.by])
      assert.deepEqual(who, [
        [ADA.email, 'user'],
        [ADA.email, 'administrator'],
        [GRACE.email, 'administrator'],
        [ADA.email, 'administrator'],
      ])
      const { action, sessions, acknowledged } = audit.last().additionalEventData
      assert.deepEqual(
        { action, sessions, acknowledged },
        { action: 'end_user', sessions: 1, acknowledged: true },
      )
    })

    it('return 503 and do nothing while AUDIT_REQUIRED has no room for the event', async () => {
      const question = await ask(await openAdmin(connect), 'End… Codex of grace')
      audit.hasRoom = false
      assert.equal((await confirm(question)).status, 503)
      audit.hasRoom = true
      assert.deepEqual(await statusesOf([codex, graces]), ['refreshed'])
    })
  })

  describe('keeps the administrator’s Quilt credential', () => {
    it('sealed: neither Redis nor the log has it', async () => {
      await openAdmin(connect)
      const { lastCredential } = connect.organisation.registryProxy
      assert.ok(lastCredential.length > 20)
      assert.ok(!(await dump(connect.redis)).includes(lastCredential))
      assert.ok(!connect.lines.join('').includes(lastCredential))
    })

    it('for 15 minutes, and then logs it out: the page asks for a sign-in', async () => {
      const at = await openAdmin(connect)
      const { lastCredential, ...proxy } = connect.organisation.registryProxy
      assert.deepEqual(proxy.shut, new Set())
      for (const seconds of [500, 370]) {
        await connect.passTime(seconds)
        const page = await at.browser.open(connect.origin + ADMIN)
        assert.match(read(page), /Connections of your organisation/)
      }
      await connect.passTime(31)
      const page = await at.browser.open(connect.origin + ADMIN)
      assert.doesNotMatch(read(page), /Connections of your organisation/)
      await connect.organisation.registryProxy.loggedOut(lastCredential)
    })

    it('until sign-out, and then logs it out', async () => {
      const { browser } = await openAdmin(connect)
      const { lastCredential } = connect.organisation.registryProxy
      await browser.press(await browser.open(`${connect.origin}/connect/signout`), 'Sign out')
      await connect.organisation.registryProxy.loggedOut(lastCredential)
      assert.doesNotMatch(
        read(await browser.open(connect.origin + ADMIN)),
        /Connections of your organisation/,
      )
    })
  })
})
