import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { connectRedis } from '../../../core/store/redis.ts'
import {
  acknowledge,
  enlistAuthz,
  readSessionMessage,
  SESSION_CHANGES,
} from '../../../core/sessions/session-changes.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { accessOf, type Session } from '../../../core/sessions/session.ts'
import { createLog } from '../../../core/log/log.ts'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import type { TestClient, Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { tokensFor } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { openApps, refreshed, send, tagOf, tagsOf } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

/** With its own Redis: a silent authz delays every end of a session. */
describe('The connected applications page', () => {
  let client: TestClient
  let tokens: Tokens

  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey }))

  beforeEach(async () => {
    connect.lines.length = 0
    await connect.redis.flushall()
    client = await connect.client()
    tokens = await tokensFor(connect, client)
  })

  async function sessionOf({ access_token: token }: Tokens): Promise<Session | undefined> {
    return await new SessionStore(connect.redis).find(String(decodeJwt(token).sid))
  }

  async function startAuthz(name: string, answers: boolean): Promise<string[]> {
    const heard: string[] = []
    const subscriber = connectRedis(valkey.url, createLog('test', 'silent'))
    closeAfterAll(() => subscriber.disconnect())
    await until(() => subscriber.status === 'ready', 'a connection')
    await subscriber.subscribe(SESSION_CHANGES)
    subscriber.on('message', (_channel, text) => {
      const message = readSessionMessage(text)
      if (message === undefined || !('session' in message)) return
      heard.push(message.session)
      if (answers) void acknowledge(connect.redis, { change: message.change, by: name })
    })
    await enlistAuthz(connect.redis, name)
    return heard
  }

  describe('End access', () => {
    it('ends one session in every authz process and shows how long it took', async () => {
      const heard = await startAuthz('one', true)
      const at = await openApps(connect)
      const [tag = ''] = tagsOf(at, 'revoke')
      const page = await send(at, { revoke: tag })
      assert.equal(page.status, 200)
      assert.match(read(page), /Access ended: Claude Code\. In effect after 0\.\d\d seconds\./)
      assert.match(read(page), /No application is connected now\./)
      assert.deepEqual(heard, [String(decodeJwt(tokens.access_token).sid)])
      assert.equal(await sessionOf(tokens), undefined)
      assert.equal(await refreshed(client, tokens.refresh_token), 'invalid_grant')
    })

    it('leaves every other session unchanged', async () => {
      const other = await connect.client()
      const others = await tokensFor(connect, other)
      const at = await openApps(connect)
      const [newest = '', ...rest] = tagsOf(at, 'revoke')
      assert.equal(rest.length, 1)
      await send(at, { revoke: newest })
      const results = [
        await refreshed(client, tokens.refresh_token),
        await refreshed(other, others.refresh_token),
      ]
      assert.deepEqual(results.sort(), ['invalid_grant', 'refreshed'])
    })

    it('warns when an authz process has not acknowledged', async () => {
      await startAuthz('silent', false)
      const at = await openApps(connect)
      const page = await send(at, { revoke: tagsOf(at, 'revoke')[0] ?? '' })
      assert.match(read(page), /Access ended: .* Not every gateway confirmed this within a second/)
      assert.doesNotMatch(read(page), /In effect/)
      assert.equal(await sessionOf(tokens), undefined)
    })

    it('says that there is nothing to revoke when the session has already ended', async () => {
      const at = await openApps(connect)
      const [tag = ''] = tagsOf(at, 'revoke')
      await client.revoke(tokens.refresh_token)
      for (const value of [tag, 'x', ' ']) {
        assert.match(read(await send(at, { revoke: value })), /Nothing to end/)
      }
    })

    it('ends no session of another user, even with its tag', async () => {
      const graces = await tokensFor(connect, client, { person: GRACE })
      const [tag = ''] = tagsOf(await openApps(connect, GRACE), 'revoke')
      const ada = await openApps(connect, ADA)
      for (const wish of ['revoke', 'narrow']) {
        assert.match(read(await send(ada, { [wish]: tag })), /Nothing to/)
      }
      await send(ada, { revoke_all: 'yes' })
      assert.equal(await refreshed(client, graces.refresh_token), 'refreshed')
      const { access } = (await sessionOf(graces)) ?? {}
      assert.equal(access, 'full')
    })

    it('is logged without a secret', async () => {
      const at = await openApps(connect)
      await send(at, { revoke: tagsOf(at, 'revoke')[0] ?? '' })
      const line = connect.lines.find((text) => text.includes('apps: user revoked sessions')) ?? ''
      const { person, clients, acknowledged } = JSON.parse(line) as Record<string, unknown>
      assert.deepEqual(
        { person, clients, acknowledged },
        {
          person: ADA.quilt.name,
          clients: ['Claude Code'],
          acknowledged: true,
        },
      )
      assert.ok(!connect.lines.some((text) => text.includes(String(decodeJwt(tokens.access_token).sid))))
    })
  })

  describe('End all access', () => {
    it('ends every session, and is offered from two sessions on', async () => {
      assert.ok(!(await openApps(connect)).page.text.includes('revoke_all'))
      const others = await Promise.all([tokensFor(connect, client), tokensFor(connect, client)])
      const at = await openApps(connect)
      assert.match(read(at.page), /This ends all 3 connections above\./)
      assert.match(read(await send(at, { revoke_all: 'yes' })), /Access ended: 3 connections\. /)
      for (const { refresh_token: token } of [tokens, ...others]) {
        assert.equal(await refreshed(client, token), 'invalid_grant')
      }
    })
  })

  describe('Make read only', () => {
    it('downgrades the session to read-only in every authz process', async () => {
      const heard = await startAuthz('one', true)
      const at = await openApps(connect)
      const page = await send(at, { narrow: tagsOf(at, 'narrow')[0] ?? '' })
      assert.match(read(page), /To allow changes, connect again from the application\./)
      assert.match(
        read(page),
        /From now on, Claude Code can only read\. In effect after 0\.\d\d seconds\. .* Access Read only Approved/,
      )
      assert.deepEqual(heard, [String(decodeJwt(tokens.access_token).sid)])
      const session = await sessionOf(tokens)
      assert.ok(session !== undefined && accessOf(session) === 'read')
    })

    it('still holds after a refresh, and is not offered again', async () => {
      const at = await openApps(connect)
      await send(at, { narrow: tagsOf(at, 'narrow')[0] ?? '' })
      assert.equal(await refreshed(client, tokens.refresh_token), 'refreshed')
      const session = await sessionOf(tokens)
      assert.ok(session !== undefined && accessOf(session) === 'read')
      const again = await openApps(connect)
      assert.deepEqual(tagsOf(again, 'narrow'), [])
      assert.equal(tagsOf(again, 'revoke').length, 1)
    })

    it('does not reopen a session that has ended', async () => {
      const at = await openApps(connect)
      const [tag = ''] = tagsOf(at, 'narrow')
      await client.revoke(tokens.refresh_token)
      assert.match(read(await send(at, { narrow: tag })), /Nothing to change/)
      assert.equal(await sessionOf(tokens), undefined)
    })
  })

  for (const wish of ['revoke', 'narrow'] as const) {
    it(`an earlier consent does not restore access: it is forgotten by ${wish}`, async () => {
      const claude = await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude')
      let given: Tokens | undefined
      const added = await keysAddedBy(connect.redis, async () => {
        given = await tokensFor(connect, claude)
      })
      const [answer = ''] = added.filter((key) => key.startsWith('connect:consent:'))
      assert.ok(answer !== '' && given !== undefined)
      await send(await openApps(connect), { [wish]: tagOf(given) })
      assert.equal(await connect.redis.exists(answer), 0)
    })
  }

  describe('Another form', () => {
    for (const wish of [
      {},
      { widen: 'TAG' },
      { revoke: '' },
      { revoke: 'TAG', narrow: 'TAG' },
      { revoke_all: '' },
    ]) {
      it(`changes nothing for ${JSON.stringify(wish)}`, async () => {
        const at = await openApps(connect)
        const [tag = ''] = tagsOf(at, 'revoke')
        const fields = Object.entries(wish).map(([name, value]) => [name, value === 'TAG' ? tag : value])
        const page = await send(at, Object.fromEntries(fields) as Record<string, string>)
        assert.equal(page.status, 403)
        assert.equal(await refreshed(client, tokens.refresh_token), 'refreshed')
      })
    }
  })

  it('returns 503 and does not report a revocation when Redis does not answer', async () => {
    const at = await openApps(connect)
    const [tag = ''] = tagsOf(at, 'revoke')
    await valkey.kill()
    await until(() => connect.redis.status !== 'ready', 'the lost connection')
    const page = await send(at, { revoke: tag })
    assert.equal(page.status, 503)
    assert.doesNotMatch(read(page), /Access ended/)
    await valkey.restart()
    await until(() => connect.redis.status === 'ready', 'the connection')
  })
})
