import assert from 'node:assert/strict'
import { pino } from 'pino'
import { Logouts } from '../../../consent-ui/quilt/logouts.ts'
import { UnusedCredentials } from '../../../consent-ui/quilt/unused-credentials.ts'
import { AdminSessions } from '../../../consent-ui/sessions/admin-sessions.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import { connectRedis } from '../../../core/store/redis.ts'
import { beforeAll } from '../../support/before-all.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { operatorKey, ringOf } from '../support/keys.ts'
import { ManualTimers } from '../support/manual-timers.ts'
import { sharedValkey } from '../support/store.ts'

const BEGUN = 1_796_000_000
const CREDENTIAL = { token: 'a-quilt-token', expiresAt: BEGUN + 86_400 }

describe('An administrator’s session', () => {
  const log = pino({ level: 'silent' })
  const store = beforeAll(async () => {
    const redis = connectRedis((await sharedValkey()).url, log)
    closeAfterAll(() => redis.disconnect())
    await until(() => redis.status === 'ready', 'the connection to the store')
    return redis
  })
  const loggedOut: string[] = []
  const logOut = (token: string): Promise<void> => {
    loggedOut.push(token)
    return Promise.resolve()
  }
  const logouts = new Logouts({ logOut }, log)
  let unused: UnusedCredentials
  let now = BEGUN

  beforeEach(() => {
    loggedOut.length = 0
    unused = new UnusedCredentials({ logouts, timers: new ManualTimers(), log })
    now = BEGUN
  })

  const browserWith = (id = randomSecret()) => ({ id, cookie: randomSecret() })
  const sessionsUnder = (ring = ringOf(operatorKey('one'))) =>
    new AdminSessions({ store, ring, logouts, unused, now: () => now })

  it('is found by its browser’s cookie only', async () => {
    const sessions = sessionsUnder()
    const browser = browserWith()
    await sessions.begin(browser, CREDENTIAL)
    assert.equal((await sessions.find(browser))?.token, CREDENTIAL.token)
    assert.equal(await sessions.find({ ...browser, cookie: randomSecret() }), undefined)
    assert.equal(await sessions.find(browserWith()), undefined)
  })

  it('ends after 15 minutes by our own clock, or with its credential', async () => {
    const sessions = sessionsUnder()
    const [usual, short] = [browserWith(), browserWith()]
    await sessions.begin(usual, CREDENTIAL)
    await sessions.begin(short, { ...CREDENTIAL, expiresAt: BEGUN + 60 })
    now = BEGUN + 60
    assert.equal(await sessions.find(short), undefined)
    now = BEGUN + 899
    assert.notEqual(await sessions.find(usual), undefined)
    now = BEGUN + 900
    assert.equal(await sessions.find(usual), undefined)
  })

  it('is logged out once it ends, and at a stop of the process', async () => {
    const sessions = sessionsUnder()
    const [one, other] = [browserWith(), browserWith()]
    await sessions.begin(one, CREDENTIAL)
    await sessions.begin(other, { ...CREDENTIAL, token: 'another-quilt-token' })
    await sessions.end(one)
    assert.deepEqual(loggedOut, [CREDENTIAL.token])
    await unused.logOutUndecided()
    assert.deepEqual(loggedOut, [CREDENTIAL.token, 'another-quilt-token'])
    assert.equal(await sessions.find(other), undefined)
  })

  it('can be ended without its sealing key', async () => {
    const browser = browserWith()
    await sessionsUnder().begin(browser, CREDENTIAL)
    await sessionsUnder(ringOf(operatorKey('two'))).end(browser)
    assert.equal(await sessionsUnder().find(browser), undefined)
  })
})
