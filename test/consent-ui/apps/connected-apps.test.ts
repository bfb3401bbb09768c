import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { sha256 } from '../../../core/keys/hash.ts'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { ControlStore } from '../../../core/controls/control-store.ts'
import { reportUse } from '../../../core/sessions/session-details.ts'
import { quiltUser } from '../../../consent-ui/store/link-store.ts'
import { PersonSessions, type PersonSession } from '../../../consent-ui/store/person-sessions.ts'
import { ADA, GRACE, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { Service } from '../../../core/services/service.ts'
import { beforeAll } from '../../support/before-all.ts'
import { SERVICES } from '../../support/services.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { assertRefused, tokensOf, type TestClient } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { APPS, openApps, send, tagOf, tagsOf } from './support.ts'

const DAY_SECONDS = 86_400
const CLAUDE = 'https://claude.ai/api/mcp/auth_callback'

/** With its own Redis, which each test finds empty. */
describe('The connected applications page', () => {
  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey }))
  const claudeCode = beforeAll(() => connect.client())

  beforeEach(async () => {
    await connect.redis.flushall()
    connect.skipOwnClock(Math.floor(Date.now() / 1000) - connect.now())
  })

  it('asks the user to sign in before it shows anything', async () => {
    await tokensFor(connect, claudeCode)
    const page = await connect.browser().open(connect.origin + APPS)
    assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin), page.url)
  })

  it('shows name, location, service, access and expiry of each application', async () => {
    await tokensFor(connect, await connect.client(CLAUDE, 'Claude'))
    const { page } = await openApps(connect)
    const text = read(page)
    for (const part of [
      'You are signed in as ada@',
      'Claude Name not verified Returns to claude.ai Service Quilt Platform MCP Server',
      'Access Read and change',
      'Last used not yet',
      `Approved ${day(connect.now())}`,
      `Expires ${day(connect.now() + 30 * DAY_SECONDS)}`,
      'that you don’t use for 14 days loses its access',
    ]) {
      assert.ok(text.includes(part), `${part} in: ${text}`)
    }
  })

  it('says which application is blocked, and that it cannot use Quilt', async () => {
    const claude = await connect.client(CLAUDE, 'Claude')
    await tokensFor(connect, claude)
    await tokensFor(connect, claudeCode)
    assert.doesNotMatch(read((await openApps(connect)).page), /[Bb]locked/)
    const controls = new ControlStore(connect.redis, connect.origin)
    const set = { by: 'grace', at: connect.now(), change: 'a change' }
    await controls.blockClient(fingerprintOf(claude.id), set)
    await connect.controls.refresh()
    const text = read((await openApps(connect)).page)
    assert.ok(text.includes('can use Quilt as you, unless they are blocked'), text)
    assert.match(text, /Claude Name not verified Blocked by your administrator It cannot use Quilt/)
    assert.equal(text.split('Blocked by your administrator').length, 2)
    await controls.unblockClient(fingerprintOf(claude.id), set)
    await connect.controls.refresh()
  })

  it('shows only the access that the service’s entry still grants', async () => {
    const services: Service[] = [...SERVICES]
    const changing = await startConnect({ services })
    await tokensFor(changing, await changing.client())
    services[0] = { ...SERVICES[0], grants: ['read'] }
    changing.redeploy()
    const atApps = await openApps(changing)
    assert.match(read(atApps.page), /Access Read only/)
    assert.doesNotMatch(read(atApps.page), /To allow changes/)
    assert.deepEqual(tagsOf(atApps, 'narrow'), [], 'there is nothing to take back')
  })

  it('says that a new user has not connected any application', async () => {
    const { page } = await openApps(connect)
    assert.ok(read(page).includes('You haven’t connected any applications yet.'))
  })

  it('groups the connections of each application', async () => {
    await tokensFor(connect, claudeCode)
    await tokensFor(connect, await connect.client())
    await tokensFor(connect, await connect.client(CLAUDE, 'Claude Code'))
    const { page } = await openApps(connect)
    const sections = page.text.split('<section').slice(1)
    const counts = sections.map((section) => section.split('name="revoke"').length - 1)
    assert.deepEqual(counts.sort(), [1, 2])
  })

  it('groups them by the kind of device and network from which the user approved', async () => {
    await approvedFrom(claudeCode, 'Macintosh; Intel Mac OS X 10_15_7', '203.0.113.7')
    await approvedFrom(claudeCode, 'Macintosh; Intel Mac OS X 10_15_7', '203.0.113.99')
    await approvedFrom(claudeCode, 'Windows NT 10.0; Win64; x64', '2001:db8:1:2::3')
    const { page } = await openApps(connect)
    const devices = page.text.split('<h3>').slice(1)
    const shown = devices.map((text) => [
      read({ ...page, text: text.split('</h3>')[0] ?? '' }).trim(),
      text.split('name="revoke"').length - 1,
    ])
    assert.deepEqual(shown.sort(), [
      ['Approved from Chrome on Windows, 2001:db8:1::/48', 1],
      ['Approved from Chrome on macOS, 203.0.113.0/24', 2],
    ])
    assert.ok(!page.text.includes('203.0.113.7') && !page.text.includes('2001:db8:1:2'))
  })

  it('shows the last use and the tools that authz reported', async () => {
    const { access_token: token } = await tokensFor(connect, claudeCode)
    const id = String(decodeJwt(token).sid)
    await reportUse(connect.redis, id, { at: connect.now() + 2 * DAY_SECONDS, tools: ['package_list'] })
    await reportUse(connect.redis, id, { at: connect.now(), tools: ['object_read'] })
    const text = read((await openApps(connect)).page)
    const used = `Last used ${day(connect.now() + 2 * DAY_SECONDS)}`
    assert.ok(text.includes(used), text)
    assert.ok(text.includes('Tools used lately object_read, package_list Expires'), text)
  })

  it('lists what ended lately, and why', async () => {
    const [first, second] = [await connect.client(), await connect.client(CLAUDE, 'Claude')]
    const [one, other] = [await tokensFor(connect, first), await tokensFor(connect, second)]
    await first.revoke(one.refresh_token)
    connect.skipOwnClock(1)
    const at = await openApps(connect)
    await send(at, { revoke: tagOf(other) })
    const { page } = await openApps(connect)
    assert.match(
      read(page),
      /Recently ended Claude, \d.* UTC ?: you ended it\. Quilt Platform MCP Server, approved \d.* UTC ?\. Claude Code, \d.* UTC ?: the application ended it\. Quilt/,
    )
    assert.doesNotMatch(read((await openApps(connect, GRACE)).page), /Recently ended/)
    await connect.passTime(31 * DAY_SECONDS)
    assert.doesNotMatch(read((await openApps(connect)).page), /Recently ended/)
  })

  it('lists what ended by itself: expired, or not used for too long', async () => {
    const [kept, unused] = [await connect.client(CLAUDE, 'Claude'), claudeCode]
    let { refresh_token: token } = await tokensFor(connect, kept)
    await tokensFor(connect, unused)
    for (const days of [10, 10, 9]) {
      await connect.passTime(days * DAY_SECONDS)
      token = tokensOf(await kept.refresh(token)).refresh_token
    }
    assert.match(
      read((await openApps(connect)).page),
      /Recently ended Claude Code, \d.* UTC ?: you didn’t use it/,
    )
    await connect.passTime(2 * DAY_SECONDS)
    assert.match(
      read((await openApps(connect)).page),
      /Recently ended Claude, \d.* UTC ?: it expired\. Quilt.*\. Claude Code, \d.* UTC ?: you didn’t use it for too long\./,
    )
    await connect.passTime(14 * DAY_SECONDS)
    assert.doesNotMatch(read((await openApps(connect)).page), /Claude Code/)
  })

  it('lists nothing twice: what something ended does not expire later, and what is open has not', async () => {
    const { refresh_token: token } = await tokensFor(connect, claudeCode)
    await tokensFor(connect, await connect.client(CLAUDE, 'Claude'))
    await claudeCode.revoke(token)
    connect.skipOwnClock(15 * DAY_SECONDS)
    const text = read((await openApps(connect)).page)
    assert.equal(text.split('Claude Code').length, 2, text)
    assert.doesNotMatch(text, /Recently ended.*Claude, /)
  })

  it('shows a user only their own applications', async () => {
    await tokensFor(connect, claudeCode)
    await tokensFor(connect, await connect.client(CLAUDE, 'Claude'), { person: GRACE })
    const [ada, grace] = [await openApps(connect, ADA), await openApps(connect, GRACE)]
    assert.match(read(ada.page), /Claude Code/)
    assert.doesNotMatch(read(ada.page), /claude\.ai/)
    assert.match(read(grace.page), /claude\.ai/)
    assert.doesNotMatch(read(grace.page), /Claude Code/)
  })

  it('counts a refresh as use', async () => {
    const tokens = await tokensFor(connect, claudeCode)
    await connect.passTime(3 * DAY_SECONDS)
    tokensOf(await claudeCode.refresh(tokens.refresh_token))
    const { page } = await openApps(connect)
    assert.ok(read(page).includes(`Last used ${day(connect.now())}`), read(page))
  })

  it('hides and forgets sessions that ended or were idle too long', async () => {
    const [kept, revoked, idle] = [await connect.client(), await connect.client(), await connect.client()]
    const [tokens, given] = [await tokensFor(connect, kept), await tokensFor(connect, revoked)]
    await tokensFor(connect, idle)
    await revoked.revoke(given.refresh_token)
    await connect.passTime(10 * DAY_SECONDS)
    tokensOf(await kept.refresh(tokens.refresh_token))
    await connect.passTime(5 * DAY_SECONDS)
    assert.equal((await entered(ADA)).length, 3)
    assert.equal(tagsOf(await openApps(connect), 'revoke').length, 1)
    assert.equal((await entered(ADA)).length, 1)
  })

  it('shows no session whose record names another user, even if the index lists it', async () => {
    await tokensFor(connect, claudeCode)
    await tokensFor(connect, claudeCode, { person: GRACE })
    const [{ id } = { id: '' }] = await entered(GRACE)
    await index().add(userOf(ADA), id, { now: connect.now(), seconds: DAY_SECONDS })
    assert.equal(tagsOf(await openApps(connect), 'revoke').length, 1)
  })

  it('indexes each session before it opens; without an index entry none opens', async () => {
    const code = await codeFor(connect, claudeCode)
    const key = `connect:sessions-of:${sha256(JSON.stringify([connect.origin, userOf(ADA)]))}`
    await connect.redis.set(key, 'no list', 'EX', DAY_SECONDS)
    const sessions = await keysAddedBy(connect.redis, async () => {
      assertRefused(await claudeCode.redeem(code), 'temporarily_unavailable', 503)
    })
    assert.deepEqual(
      sessions.filter((key) => key.endsWith(':session')),
      [],
    )
    await connect.redis.del(key)
    tokensOf(await claudeCode.redeem(code))
    assert.equal((await entered(ADA)).length, 1)
  })

  it('identifies sessions by nothing from their tokens, and shows no secret', async () => {
    const tokens = await tokensFor(connect, claudeCode)
    const { page, browser } = await openApps(connect)
    const [id = ''] = tokens.refresh_token.split('.')
    const cookies = browser.cookies.all('localhost').map(({ value }) => value)
    for (const secret of [id, ...Object.values(tokens).map(String), ...cookies]) {
      assert.ok(secret.length < 10 || !page.text.includes(secret))
    }
  })

  async function approvedFrom(client: TestClient, system: string, address: string): Promise<void> {
    const headers = {
      'user-agent': `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36`,
      'x-envoy-external-address': address,
    }
    await tokensFor(connect, client, { headers })
  }

  function index(): PersonSessions {
    return new PersonSessions(connect.redis, connect.origin)
  }

  function userOf({ quilt: { name } }: DemoPerson): string {
    return quiltUser({ registry: connect.organisation.registry.origin, name })
  }

  async function entered(person: DemoPerson): Promise<PersonSession[]> {
    return await index().of(userOf(person))
  }
})

function day(seconds: number): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })
  return format.format(seconds * 1000)
}
