import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { RENEWAL_RETRY_SECONDS } from '../../../consent-ui/lifetimes.ts'
import { SESSION_CHANGES } from '../../../core/sessions/session-changes.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { openCredential } from '../../../core/sessions/session.ts'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { listenTo } from '../../core/support/store.ts'
import { assertRefused, TestClient, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_ALONE, tokensByCode } from '../support/pasted-code.ts'
import { tokensFor } from '../support/person.ts'
import type { RegistryProxy } from '../support/registry-proxy.ts'
import { sharedValkey } from '../support/store.ts'

const EXCHANGE = '/api/token-exchange'
const TOKEN = '/api/token'
const QUILT_TOKEN_SECONDS = 2 * 3600 + 600

const SOURCES = [
  ['an exchange, by its refresh token', {}, EXCHANGE],
  ['a pasted code, by itself', CODE_ALONE, TOKEN],
] as const

for (const [source, settings, endpoint] of SOURCES) {
  describe(`The Quilt credential of ${source}`, () => {
    let connect: Connect
    let client: TestClient
    let tokens: Tokens
    let door: RegistryProxy

    beforeEach(async () => {
      connect = await startConnect({ settings, quiltTokenSeconds: QUILT_TOKEN_SECONDS })
      client = await connect.client()
      door = connect.organisation.registryProxy
      tokens =
        settings === CODE_ALONE ? await tokensByCode(connect, client) : await tokensFor(connect, client)
      door.forget()
    })

    async function credentialNow(): Promise<string> {
      const { sid, k } = decodeJwt(tokens.access_token)
      const session = await new SessionStore(connect.redis).find(String(sid))
      assert.ok(session !== undefined, 'the session has ended')
      return openCredential(connect.config.sealingKeys, session, String(k))?.token ?? ''
    }

    async function assertEnded(): Promise<void> {
      const { sid } = decodeJwt(tokens.access_token)
      assert.equal(await new SessionStore(connect.redis).find(String(sid)), undefined)
    }

    async function refresh(): Promise<Tokens> {
      tokens = tokensOf(await client.refresh(tokens.refresh_token))
      return tokens
    }

    it('is not renewed while it lives for two access tokens', async () => {
      const before = await credentialNow()
      await connect.passTime(500)
      await refresh()
      assert.equal(await credentialNow(), before)
      assert.equal(door.timesAsked(endpoint), 0)
    })

    it('is renewed before that, and every authz process is told', async () => {
      const before = await credentialNow()
      await connect.passTime(700)
      const heard = await listenTo((await sharedValkey()).url, SESSION_CHANGES)
      const next = await refresh()
      assert.equal(next.expires_in, 3600)
      assert.notEqual(await credentialNow(), before)
      assert.equal(door.timesAsked(endpoint), 1)
      assert.equal(door.timesAsked('/api/refresh'), 0)
      const { session, change } = JSON.parse(await heard.next()) as Record<string, string>
      assert.equal(session, decodeJwt(next.access_token).sid)
      assert.ok(change !== undefined)
    })

    it('is used until it expires while the Registry is down, then gives 503, and is then renewed', async () => {
      const before = await credentialNow()
      door.isDown = true
      await connect.passTime(700)
      await refresh()
      assert.equal(await credentialNow(), before)
      await connect.passTime(QUILT_TOKEN_SECONDS)
      const answer = await client.refresh(tokens.refresh_token)
      assertRefused(answer, 'temporarily_unavailable', 503)
      assert.equal(answer.headers.get('retry-after'), '5')
      assert.equal(await credentialNow(), before)
    })

    it('is used until it expires after a final refusal, which is asked for once, and then the session ends', async () => {
      const session = `connect:{${String(decodeJwt(tokens.access_token).sid)}}:session`
      // A deactivated user's tokens are refused, without a user status check.
      door.instead(endpoint, { status: 401, body: '{"message":"Token invalid.","error":"invalid_grant"}' })
      await connect.passTime(700)
      await refresh()
      await refresh()
      assert.equal(door.timesAsked(endpoint), 1)
      assert.equal(await connect.redis.hget(session, 'renewal'), null)
      await connect.passTime(QUILT_TOKEN_SECONDS)
      assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
      await assertEnded()
      assert.equal(door.timesAsked(endpoint), 1)
    })

    for (const [what, odd] of Object.entries({
      'an error of its own': { status: 500, body: '{"message":"Internal server error."}' },
      'that it is busy': { status: 429, body: '{"message":"Too many requests."}' },
      'that it does not know this client': { status: 401, body: '{"error":"invalid_client"}' },
      'that its own single sign-on failed': {
        status: 401,
        body: '{"message":"Failed to refresh SSO access token"}',
      },
      'that the user is not active': {
        status: 401,
        body: '{"message":"Account is inactive. Must have an active account."}',
      },
      'that something about the request is wrong': { status: 400, body: '{"message":"Bad request"}' },
      'a page of a proxy': { status: 403, body: '<html>' },
      'a response without a credential': { status: 200, body: '{}' },
    })) {
      it(`is requested again after ${what}`, async () => {
        door.instead(endpoint, odd)
        await connect.passTime(700)
        await refresh()
        door.instead(endpoint, undefined)
        const before = await credentialNow()
        await connect.passTime(RENEWAL_RETRY_SECONDS)
        await refresh()
        assert.notEqual(await credentialNow(), before)
      })
    }

    it('is requested by one of two processes, and the other uses the live one', async () => {
      await connect.passTime(700)
      const other = new TestClient(await connect.secondProcess(), client)
      door.hold(endpoint)
      const first = client.refresh(tokens.refresh_token)
      await door.asks(endpoint)
      const second = tokensOf(await other.refresh(tokens.refresh_token))
      assert.ok(second.expires_in > 0)
      door.answerHeld(endpoint)
      tokens = tokensOf(await first)
      assert.equal(door.timesAsked(endpoint), 1)
      assert.equal(tokens.refresh_token, second.refresh_token)
    })

    it("is never replaced by another user's credential: the session ends", async () => {
      await connect.passTime(700)
      const body = JSON.stringify({ current_user: GRACE.quilt.name, email: GRACE.email, is_active: true })
      door.instead('/api/me', { status: 200, body })
      assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
      await assertEnded()
      await door.loggedOut(door.lastCredential)
    })

    it('is logged out if the session ended meanwhile', async () => {
      await connect.passTime(700)
      door.hold('/api/me')
      const answer = client.refresh(tokens.refresh_token)
      await door.asks('/api/me')
      await client.revoke(tokens.refresh_token)
      door.answerHeld('/api/me')
      assertRefused(await answer, 'invalid_grant')
      await door.loggedOut(door.lastCredential)
    })

    it('is not requested with a token of another session', async () => {
      await connect.passTime(700)
      const parts = tokens.refresh_token.split('.')
      parts[3] = 'A'.repeat(43)
      assertRefused(await client.refresh(parts.join('.')), 'invalid_grant')
      assert.deepEqual(door.asked, [])
    })

    it('is in no log, nor is its renewal', async () => {
      await connect.passTime(700)
      await refresh()
      const log = connect.lines.join('\n')
      assert.ok(!log.includes(await credentialNow()))
      assert.doesNotMatch(log, /eyJ[\w-]{20}/)
    })

    describe('with a user status check', () => {
      it('is checked at a refresh, and the time of the check is stored', async () => {
        await connect.passTime(300)
        await refresh()
        assert.equal(door.timesAsked('/api/me'), 1)
        const found = await new SessionStore(connect.redis).find(String(decodeJwt(tokens.access_token).sid))
        assert.ok((found?.checkedAt ?? 0) >= connect.now() - 2)
      })

      it('is not checked again within 30 seconds', async () => {
        for (let round = 0; round < 5; round += 1) await refresh()
        assert.equal(door.timesAsked('/api/me'), 0, 'the Registry answered when it was approved')
        await connect.passTime(30)
        for (let round = 0; round < 5; round += 1) await refresh()
        assert.equal(door.timesAsked('/api/me'), 1)
        await connect.passTime(30)
        await refresh()
        assert.equal(door.timesAsked('/api/me'), 2)
      })

      it('is checked once for twenty parallel refreshes', async () => {
        await connect.passTime(30)
        const { refresh_token } = tokens
        const answers = await Promise.all(Array.from({ length: 20 }, () => client.refresh(refresh_token)))
        for (const answer of answers) tokensOf(answer)
        // A refresh that read the session before the response may ask once more.
        const questions = door.timesAsked('/api/me')
        assert.ok(questions >= 1 && questions <= 5, `${questions} questions`)
      })

      it('is checked if the last check is in the future', async () => {
        const { sid } = decodeJwt(tokens.access_token)
        await new SessionStore(connect.redis).markChecked(String(sid), connect.now() + 3600)
        await refresh()
        assert.equal(door.timesAsked('/api/me'), 1)
      })

      it('ends with its session if the user is inactive', async () => {
        await connect.passTime(30)
        connect.organisation.deactivated.add(ADA.quilt.name)
        assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
        await assertEnded()
        connect.organisation.deactivated.clear()
        assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
      })

      it('ends with its session if it belongs to another user', async () => {
        await connect.passTime(30)
        const body = JSON.stringify({ current_user: 'eve', email: ADA.email })
        door.instead('/api/me', { status: 200, body })
        assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
        await assertEnded()
      })

      for (const [what, odd] of Object.entries({
        'answers in an undocumented way': { status: 200, body: '{}' },
        fails: { status: 500, body: '{"message":"Internal server error."}' },
        'is behind a proxy that forbids it': { status: 403, body: '{"message":"Forbidden"}' },
        'is behind a proxy that sends a page': { status: 401, body: '<html>' },
      })) {
        it(`lives on if the Registry ${what}, and the check is postponed`, async () => {
          const find = () => new SessionStore(connect.redis).find(String(decodeJwt(tokens.access_token).sid))
          const before = (await find())?.checkedAt
          assert.ok(before !== undefined)
          door.instead('/api/me', odd)
          await connect.passTime(300)
          await refresh()
          assert.equal((await find())?.checkedAt, before)
        })
      }
    })
  })
}
