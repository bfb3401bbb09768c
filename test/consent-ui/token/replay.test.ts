import assert from 'node:assert/strict'
import { GRACE } from '../../../deploy/demo/people.ts'
import { readForm } from '../../support/html-form.ts'
import { openApps, send, tagOf } from '../apps/support.ts'
import { assertRefused, tokensOf, type TestClient, type Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { atOnce } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const HOME = '192.0.2.17'
const NEXT_ROOM = '192.0.2.99'
const ELSEWHERE = '198.51.100.4'
const HOUR_SECONDS = 3600
const AFTER_THE_GRACE_SECONDS = 125

/** Two holders of the same tokens replay them at different times and from different networks. */
describe('A replayed refresh token', () => {
  let first: Tokens

  const connect = beforeAll(() => startConnect())
  const home = beforeAll(async () => (await connect.client()).from(HOME))

  beforeEach(async () => {
    connect.lines.length = 0
    first = tokensOf(await home.redeem(await codeFor(connect, home)))
  })

  async function refreshed(client: TestClient, { refresh_token: token }: Tokens): Promise<Tokens> {
    return tokensOf(await client.refresh(token))
  }

  /** Exchanges the token several times, each time after the grace. */
  async function exchangedBy(client: TestClient, times: number, from = first): Promise<Tokens> {
    let tokens = from
    for (let round = 0; round < times; round += 1) {
      tokens = await refreshed(client, tokens)
      await connect.passTime(AFTER_THE_GRACE_SECONDS)
    }
    return tokens
  }

  function alarms(): string[] {
    return connect.lines
      .map((line) => JSON.parse(line) as { alarm?: string; replay?: string; level: number })
      .filter(({ alarm }) => alarm === 'replay')
      .map(({ replay = '', level }) => {
        assert.equal(level, 40)
        return replay
      })
  }

  it('T06: returns working tokens to both of two parallel requests', async () => {
    const answers = await atOnce(connect.redis, 2, () => refreshed(home, first))
    assert.equal(new Set(answers.map((tokens) => tokens.refresh_token)).size, 1)
    for (const tokens of answers) await refreshed(home, tokens)
    assert.deepEqual(alarms(), [])
  })

  it('T06: works from any address after a lost response', async () => {
    const lost = await refreshed(home, first)
    assert.equal((await refreshed(home.from(ELSEWHERE), first)).refresh_token, lost.refresh_token)
    assert.deepEqual(alarms(), [])
  })

  it('T06: gives only invalid_grant after the grace, once its successor was used', async () => {
    const third = await exchangedBy(home, 2)
    assertRefused(await home.refresh(first.refresh_token), 'invalid_grant')
    await refreshed(home, third)
  })

  it('T07: returns the same tokens at any time from the same network while its successor is unused', async () => {
    const next = await exchangedBy(home, 1)
    await connect.passTime(5 * HOUR_SECONDS)
    for (const client of [home, home.from(NEXT_ROOM)]) {
      const again = await refreshed(client, first)
      assert.equal(again.refresh_token, next.refresh_token)
      assert.equal(again.expires_in, HOUR_SECONDS)
    }
    assert.deepEqual(alarms(), [])
  })

  for (const [what, address] of [
    ['another network', ELSEWHERE],
    ['an unknown network', ''],
    ['an invalid address', 'localhost'],
    ['two addresses', `${HOME}, ${ELSEWHERE}`],
  ] as const) {
    it(`is refused late and from ${what}, raises one alarm, and the session goes on`, async () => {
      const next = await exchangedBy(home, 1)
      const before = connect.alarms.count('refresh_token')
      assertRefused(await home.from(address).refresh(first.refresh_token), 'invalid_grant')
      assert.deepEqual(alarms(), ['refresh_token'])
      assert.equal(connect.alarms.count('refresh_token'), before + 1)
      await refreshed(home, next)
    })
  }

  it('T07: logs out no user if it is a stale copy from the same network', async () => {
    const last = await exchangedBy(home, 3)
    assertRefused(await home.from(NEXT_ROOM).refresh(first.refresh_token), 'invalid_grant')
    assert.deepEqual(alarms(), ['refresh_token'])
    await refreshed(home, last)
  })

  it('T07: ends the session, raises one alarm and logs the credential out if it is two generations old and from a new network', async () => {
    const last = await exchangedBy(home, 2)
    const { registryProxy } = connect.organisation
    const credential = registryProxy.lastCredential
    assertRefused(await home.from(ELSEWHERE).refresh(first.refresh_token), 'invalid_grant')
    assert.deepEqual(alarms(), ['stolen_refresh_token'])
    assertRefused(await home.refresh(last.refresh_token), 'invalid_grant')
    await registryProxy.loggedOut(credential)
    assertRefused(await home.from(ELSEWHERE).refresh(first.refresh_token), 'invalid_grant')
    assert.deepEqual(alarms(), ['stolen_refresh_token'], 'a session ends once')
  })

  it('ends nothing if it is two generations old and the network is unknown', async () => {
    const last = await exchangedBy(home, 2)
    assertRefused(await home.from('').refresh(first.refresh_token), 'invalid_grant')
    assert.deepEqual(alarms(), ['refresh_token'])
    await refreshed(home, last)
  })

  describe('of the user, after an attacker exchanged it once elsewhere,', () => {
    const REASON = 'its refresh token was used from two networks'
    let thief: TestClient
    let theirs: Tokens

    beforeEach(async () => {
      thief = home.from(ELSEWHERE)
      const stolen = await exchangedBy(home, 1)
      theirs = await exchangedBy(thief, 1, stolen)
      assertRefused(await home.refresh(stolen.refresh_token), 'invalid_grant')
    })

    const endedFor = (reason: string): number =>
      connect.lines.filter((line) => line.includes('"session ended"') && line.includes(reason)).length

    it('marks the session, and the attacker loses it when the user approves the application again', async () => {
      assert.deepEqual(alarms(), ['contested_refresh_token'])
      theirs = await exchangedBy(thief, 1, theirs)
      const again = tokensOf(await home.redeem(await codeFor(connect, home)))
      assertRefused(await thief.refresh(theirs.refresh_token), 'invalid_grant')
      assert.equal(endedFor(REASON), 1)
      const next = await refreshed(home, again)
      tokensOf(await home.redeem(await codeFor(connect, home)))
      await refreshed(home, next)
      assert.equal(endedFor(REASON), 1)
    })

    it('ends the session also if the application has registered again since', async () => {
      connect.rotateSealingKeys()
      const anew = (await connect.client()).from(HOME)
      assert.notEqual(anew.id, home.id)
      await refreshed(anew, tokensOf(await anew.redeem(await codeFor(connect, anew))))
      assertRefused(await thief.refresh(theirs.refresh_token), 'invalid_grant')
    })

    it('ends nothing if another application or another user is approved', async () => {
      const other = await connect.client(home.redirectUri, 'Another')
      tokensOf(await other.redeem(await codeFor(connect, other)))
      tokensOf(await home.redeem(await codeFor(connect, home, { person: GRACE })))
      await refreshed(thief, theirs)
      assert.equal(endedFor(REASON), 0)
    })

    it('is shown with the connected applications, where one click ends the session', async () => {
      const apps = await openApps(connect)
      const marked = readForm(apps.page.text, apps.page.url)
      const tag = tagOf(theirs)
      assert.equal(apps.page.text.split('Another person may be using your connection').length, 2)
      const warning = /<div class="notice warning" role="alert">.*?<\/div>/s.exec(apps.page.text)?.[0]
      assert.match(warning ?? '', new RegExp(`name="revoke" value="${tag}">End this connection`))
      assert.ok(marked.buttons.some(({ name, value }) => name === 'revoke' && value === tag))
      await send(apps, { revoke: tag })
      assertRefused(await thief.refresh(theirs.refresh_token), 'invalid_grant')
    })
  })

  it('marks nothing if it is late and from networks that never had a token: the session survives another approval', async () => {
    const next = await exchangedBy(home, 1)
    assertRefused(await home.from(ELSEWHERE).refresh(first.refresh_token), 'invalid_grant')
    assertRefused(await home.from('').refresh(first.refresh_token), 'invalid_grant')
    assert.deepEqual(alarms(), ['refresh_token', 'refresh_token'])
    tokensOf(await home.redeem(await codeFor(connect, home)))
    await refreshed(home, next)
  })

  it("of the user, after an attacker exchanged it twice elsewhere, ends the attacker's session", async () => {
    const stolen = await exchangedBy(home, 1)
    const thief = home.from(ELSEWHERE)
    const theirs = await exchangedBy(thief, 2, stolen)
    assertRefused(await home.refresh(stolen.refresh_token), 'invalid_grant')
    assertRefused(await thief.refresh(theirs.refresh_token), 'invalid_grant')
    assert.deepEqual(alarms(), ['stolen_refresh_token'])
  })

  it('ends nothing for a client that moves between networks with the newest token', async () => {
    let tokens = first
    for (const address of [ELSEWHERE, HOME, '203.0.113.9', '2001:db8::1', HOME]) {
      tokens = await exchangedBy(home.from(address), 1, tokens)
    }
    await refreshed(home.from(ELSEWHERE), tokens)
    assert.deepEqual(alarms(), [])
  })

  it('ends nothing and raises no alarm if an attacker made it up from public parts', async () => {
    const last = await exchangedBy(home, 2)
    const [version, session, , , share] = first.refresh_token.split('.')
    const thief = home.from(ELSEWHERE)
    for (const generation of [0, 1, 2, 3, 4, 999_999_999]) {
      const token = [version, session, generation, 'A'.repeat(43), share].join('.')
      assertRefused(await thief.refresh(token), 'invalid_grant')
    }
    assert.deepEqual(alarms(), [])
    await refreshed(home, last)
  })

  it('ends nothing and raises no alarm if another client sends it', async () => {
    const last = await exchangedBy(home, 2)
    const other = (await connect.client(home.redirectUri, 'Another')).from(ELSEWHERE)
    assertRefused(await other.refresh(first.refresh_token), 'invalid_grant')
    assert.deepEqual(alarms(), [])
    await refreshed(home, last)
  })

  it("is judged only by Envoy's address header, not by headers of the client", async () => {
    const next = await exchangedBy(home, 1)
    const spoofs = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'x-client-ip', 'true-client-ip']
    for (const name of spoofs) {
      const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token, client_id: home.id }
      const headers = { 'x-envoy-external-address': ELSEWHERE, [name]: HOME }
      assertRefused(await connect.post('/auth/token', form, headers), 'invalid_grant')
    }
    assert.equal(alarms().length, spoofs.length)
    await refreshed(home, next)
  })

  it('is in no log, nor is an address', async () => {
    await exchangedBy(home, 2)
    assertRefused(await home.from(ELSEWHERE).refresh(first.refresh_token), 'invalid_grant')
    const log = connect.lines.join('\n')
    for (const secret of [...first.refresh_token.split('.').slice(3), HOME, ELSEWHERE]) {
      assert.ok(!log.includes(secret), secret)
    }
  })

  it('leaves no address in Redis', async () => {
    await exchangedBy(home, 2)
    const [, session = ''] = first.refresh_token.split('.')
    const record = JSON.stringify(await connect.redis.hgetall(`connect:{${session}}:session`))
    assert.ok(record.includes('networks'))
    assert.doesNotMatch(record, /192\.0\.2/)
  })
})
