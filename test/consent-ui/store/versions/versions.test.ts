import assert from 'node:assert/strict'
import { BrowserStore } from '../../../../consent-ui/store/browser-store.ts'
import { CodeStore } from '../../../../consent-ui/store/code-store.ts'
import { HeldStore } from '../../../../consent-ui/store/held-store.ts'
import { LinkStore } from '../../../../consent-ui/store/link-store.ts'
import { LoginAttemptStore } from '../../../../consent-ui/store/login-attempt-store.ts'
import { RenewalFailureStore } from '../../../../consent-ui/store/renewal-failures.ts'
import { SignedRecords } from '../../../../consent-ui/store/signed-records.ts'
import { TransactionStore, type Transaction } from '../../../../consent-ui/store/transaction-store.ts'
import { sha256 } from '../../../../core/keys/hash.ts'
import { parseRecord, RECORD_VERSION } from '../../../../core/store/record.ts'
import { SessionStore } from '../../../../core/sessions/session-store.ts'
import { HttpBrowser } from '../../../support/http-browser.ts'
import { startValkey } from '../../../support/store/valkey.ts'
import { json } from '../../support/answer.ts'
import { assertRefused, TestClient, tokensOf } from '../../support/client.ts'
import { startConnect } from '../../support/connect.ts'
import { beforeAll } from '../../../support/before-all.ts'
import { loadRecords, recordsOfVersion1 } from './support/load-records.ts'

const captured = await recordsOfVersion1()
const { secrets } = captured
const NEWER = RECORD_VERSION + 1
const UNKNOWN = RECORD_VERSION + 2
const TRANSACTION = /^connect:transaction:\{[^}]+\}$/

describe('Records of other releases in Redis', () => {
  const connect = beforeAll(async () =>
    startConnect({ valkey: await startValkey(), settings: captured.settings }),
  )
  const client = beforeAll(() => new TestClient(connect.origin, captured.client))
  let stores: ReturnType<typeof storesOf>

  beforeEach(async () => {
    await loadRecords(connect.redis, captured)
    connect.redeploy(captured.settings)
    connect.skipOwnClock(captured.capturedAt + 5 - connect.now())
    stores = storesOf()
  })

  function storesOf() {
    const { redis, recordAlarms: alarms, now } = connect
    const { sealingKeys: ring, origin } = connect.config
    const sessions = new SessionStore(redis)
    const records = new SignedRecords({ ring, unsignedUntil: 0, alarms, now })
    return {
      records,
      sessions,
      codes: new CodeStore(sessions, ring),
      transactions: new TransactionStore(redis, records),
      browsers: new BrowserStore(redis, ring, { isLoggedOut: () => Promise.resolve(false) }),
      held: new HeldStore(redis, ring),
      attempts: new LoginAttemptStore(redis, ring),
      failures: new RenewalFailureStore(redis),
      links: new LinkStore({ store: redis, records, origin }),
    }
  }

  /** Changes members of a JSON record; of a hash, in this field. */
  async function change(key: string, changes: object, field?: string): Promise<void> {
    const { redis } = connect
    const text = field === undefined ? await redis.get(key) : await redis.hget(key, field)
    const changed = JSON.stringify({ ...parseRecord(text ?? ''), ...changes })
    if (field === undefined) await redis.set(key, changed, 'KEEPTTL')
    else await redis.hset(key, field, changed)
  }

  async function recordAt(key: string, field?: string): Promise<Record<string, unknown>> {
    const { redis } = connect
    const text = field === undefined ? await redis.get(key) : await redis.hget(key, field)
    return parseRecord(text ?? '') as Record<string, unknown>
  }

  const keyOf = (pattern: RegExp): string => {
    const key = Object.keys(captured.keys).find((name) => pattern.test(name))
    assert.ok(key !== undefined, String(pattern))
    return key
  }
  const sessionId = secrets.refreshToken.split('.')[1] ?? ''
  const sessionKey = keyOf(/:session$/)
  const codeKey = keyOf(new RegExp(`^connect:\\{${secrets.code.split('.')[0] ?? ''}\\}:code`))
  const added = { version: NEWER, added: { since: 'the next release' } }

  describe('of the release before', () => {
    it('are read: transactions, browsers, logins, held credentials, answers and links', async () => {
      const { waiting, held, answered, state } = secrets
      const transaction = await stores.transactions.find(waiting.id)
      assert.equal(transaction?.redirectUri, captured.client.redirectUri)
      const browser = await stores.browsers.find(waiting.cookie)
      assert.equal(browser?.id, transaction.browserId)
      assert.equal(browser.signIn?.email, 'ada@example.com')
      assert.equal((await stores.attempts.findPurpose(state))?.to, 'transaction')
      const holder = await stores.browsers.find(held.cookie)
      assert.ok(holder !== undefined)
      const credential = await stores.held.find({ id: held.id, browser: holder })
      assert.equal(credential?.person.email, 'ada@example.com')
      assert.ok((await stores.transactions.answerOf(answered.id)) !== undefined)
      const { issuer, subject } = browser.signIn
      const link = { registry: captured.settings.QUILT_REGISTRY_URL ?? '', name: 'ada', issuer, subject }
      assert.equal(await stores.links.confirm(link), true)
      assert.equal(await stores.links.confirm({ ...link, subject: 'another' }), false)
      assert.equal((await stores.failures.find('session-1'))?.count, 1)
    })

    it('show a waiting transaction its consent page again', async () => {
      const browser = new HttpBrowser([connect.origin])
      const { id, cookie } = secrets.waiting
      const { browserId = '' } = (await stores.transactions.find(id)) ?? {}
      const name = `quilt-connect-${sha256(browserId).slice(0, 6)}`
      browser.cookies.keep(connect.origin, [`${name}=${cookie}; Path=/`])
      const page = await browser.open(`${connect.origin}/connect/authorize/${id}`)
      assert.ok(page.text.includes('Authorize Application'), page.text)
      assert.ok(page.text.includes('You approved this application before'))
    })

    it('refresh, redeem and revoke, and are written in the version of this release', async () => {
      connect.rotateSealingKeys()
      const tokens = tokensOf(await client.refresh(secrets.refreshToken))
      for (const field of ['record', 'history']) {
        assert.equal((await recordAt(sessionKey, field)).version, RECORD_VERSION, field)
      }
      tokensOf(await client.refresh(tokens.refresh_token))
      const redeemed = tokensOf(await client.redeem(secrets.code))
      const marker = await recordAt(codeKey)
      assert.deepEqual([marker.version, marker.state], [RECORD_VERSION, 'used'])
      assert.equal(marker.sealedCredential, undefined)
      for (const token of [redeemed.access_token, tokens.refresh_token]) {
        assert.equal((await client.revoke(token)).status, 200)
      }
      assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
      assertRefused(await client.refresh(redeemed.refresh_token), 'invalid_grant')
    })

    it('still tell a code that was used before', async () => {
      connect.skipOwnClock(30)
      assertRefused(await client.redeem(secrets.usedCode), 'invalid_grant')
      assertRefused(await client.refresh(secrets.refreshToken), 'invalid_grant')
      assert.ok(connect.lines.some((line) => line.includes('"replay":"code"')))
    })
  })

  describe('of the release after', () => {
    it('keep their new members when a session is refreshed, sealed again and downgraded', async () => {
      await change(sessionKey, added, 'record')
      await change(sessionKey, added, 'history')
      connect.rotateSealingKeys()
      const { sealedCredential } = await recordAt(sessionKey, 'record')
      tokensOf(await client.refresh(secrets.refreshToken))
      await stores.sessions.downgrade(sessionId, 'change')
      const record = await recordAt(sessionKey, 'record')
      assert.notEqual(record.sealedCredential, sealedCredential)
      for (const { version, added: kept } of [record, await recordAt(sessionKey, 'history')]) {
        assert.deepEqual({ version, added: kept }, added)
      }
      assert.equal((await stores.sessions.find(sessionId))?.narrowedTo, 'read')
    })

    it('keep their new members when a code is used', async () => {
      await change(codeKey, added)
      tokensOf(await client.redeem(secrets.code))
      const { version, added: kept } = await recordAt(codeKey)
      assert.deepEqual({ version, added: kept }, added)
    })

    it('keep their new members under a MAC when a transaction changes', async () => {
      const id = await stores.transactions.begin({
        ...(await stores.transactions.find(secrets.waiting.id)),
        ...added,
      } as Transaction)
      const transaction = await stores.transactions.find(id)
      assert.ok(transaction !== undefined)
      await stores.transactions.markReauthenticated(id, transaction)
      const marked = await stores.transactions.find(id)
      assert.deepEqual(marked, { ...transaction, isReauthenticated: true })
      assert.deepEqual(marked, { ...marked, ...added })
    })

    it('keep their new members under a MAC when a user signs in again', async () => {
      const { signIn } = (await stores.browsers.find(secrets.waiting.cookie)) ?? {}
      assert.ok(signIn !== undefined)
      for (const key of Object.keys(captured.keys).filter((name) => name.startsWith('connect:person:'))) {
        const name = { kind: 'person_link', storeKey: key } as const
        const { to, origin } = await recordAt(key)
        await connect.redis.set(key, stores.records.write(name, { to, origin, ...added }), 'KEEPTTL')
      }
      const { issuer, subject } = signIn
      const link = { registry: captured.settings.QUILT_REGISTRY_URL ?? '', name: 'ada', issuer, subject }
      assert.equal(await stores.links.confirm(link), true)
      for (const key of Object.keys(captured.keys).filter((name) => name.startsWith('connect:person:'))) {
        const { version, added: kept } = await recordAt(key)
        assert.deepEqual({ version, added: kept }, added)
      }
    })

    it('keep their new members when failed renewals are counted', async () => {
      const key = keyOf(/:renewal-failures$/)
      await change(key, added)
      await stores.failures.add('session-1', connect.now())
      const { count, version, added: kept } = await recordAt(key)
      assert.deepEqual({ count, version, added: kept }, { count: 2, ...added })
    })

    it('lose what they noted about a sign-in at the next sign-in', async () => {
      const key = keyOf(/^connect:browser:/)
      await change(key, added)
      const browser = await stores.browsers.find(secrets.waiting.cookie)
      assert.ok(browser !== undefined)
      await stores.browsers.forgetSignIn(browser)
      assert.equal((await stores.browsers.find(secrets.waiting.cookie))?.signIn, undefined)
    })
  })

  describe('of a version that this release does not know', () => {
    const assertUnavailable = (answer: { status: number; headers: Headers; text: string }): void => {
      assert.equal(answer.status, 503, answer.text)
      assert.ok(Number(answer.headers.get('retry-after')) > 0)
    }

    it('give 503 for a session and its tokens, which stay valid', async () => {
      await change(sessionKey, { version: UNKNOWN }, 'record')
      assertUnavailable(await client.refresh(secrets.refreshToken))
      assertUnavailable(await client.revoke(secrets.refreshToken))
      assert.ok(connect.lines.some((line) => line.includes('deploy the release that wrote it')))
      await change(sessionKey, { version: RECORD_VERSION }, 'record')
      tokensOf(await client.refresh(secrets.refreshToken))
    })

    it('give 503 for a code, which stays unused', async () => {
      await change(codeKey, { version: UNKNOWN })
      assert.equal(json(await client.redeem(secrets.code)).error, 'temporarily_unavailable')
      await change(codeKey, { version: undefined })
      tokensOf(await client.redeem(secrets.code))
    })

    it('give 503 for a transaction, and no alarm about a changed record', async () => {
      const { id } = secrets.waiting
      for (const key of Object.keys(captured.keys)) {
        if (TRANSACTION.test(key)) await change(key, { version: UNKNOWN })
      }
      assertUnavailable(await connect.get(`/connect/authorize/${id}`))
      assert.equal(connect.recordAlarms.count('transaction'), 0)
    })

    it('raise the alarm where an attacker wrote a version that this release reads', async () => {
      const { id } = secrets.waiting
      for (const key of Object.keys(captured.keys)) {
        if (TRANSACTION.test(key)) await change(key, { version: NEWER })
      }
      assert.equal((await connect.get(`/connect/authorize/${id}`)).status, 403)
      assert.equal(connect.recordAlarms.count('transaction'), 1)
    })
  })
})
