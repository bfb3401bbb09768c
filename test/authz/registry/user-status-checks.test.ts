import assert from 'node:assert/strict'
import { SESSION_CHANGES } from '../../../core/sessions/session-changes.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { sealCredential } from '../../../core/sessions/session.ts'
import { NOW, openSession, RING, type Opening } from '../support/sessions.ts'
import { startGate } from '../support/gate.ts'
import { beforeAll } from '../../support/before-all.ts'
import { ADA, json, person, REFUSED } from '../support/registry.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { until } from '../../support/until.ts'

const SECOND_MS = 1000

describe('The user status check', () => {
  let opening: Opening
  let token: string

  const gate = beforeAll(async () => await startGate(await startValkey()))

  beforeEach(async () => {
    gate.registry.answer(ADA)
    // Questions about the session before are answered by then.
    skip(10)
    await begin()
  })

  /** Opens a session whose user was checked this many seconds ago. */
  async function begin(checkedSecondsAgo = 0): Promise<void> {
    opening = openSession({ createdAt: NOW - 90_000, checkedAt: NOW - checkedSecondsAgo })
    token = await gate.issueToken(opening)
  }

  const ask = async (): Promise<number> => {
    const answer = await gate.envoy.present(token)
    return answer.kind === 'ok_response' ? 200 : (answer.httpStatus ?? 0)
  }
  const asked = (): number => gate.registry.requests.length
  const skip = (seconds: number): void => {
    gate.clock.skippedMs += seconds * SECOND_MS
  }
  /** Heartbeats run in real time: after a skip, wait for the next one. */
  const isLive = (): Promise<void> => until(() => gate.changes.isLive, 'a heartbeat')

  it('sends no question while the last check is younger than 45 s', async () => {
    const before = asked()
    for (let count = 0; count < 5; count += 1) assert.equal(await ask(), 200)
    assert.equal(asked(), before)
  })

  it('asks once, in the background, when the last check is older than 45 s', async () => {
    await begin(46)
    gate.registry.hang()
    const before = asked()
    const begun = performance.now()
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [200, 200, 200])
    assert.ok(performance.now() - begun < 250, 'a request waited for the Registry')
    await until(() => asked() > before, 'the question')
    assert.equal(asked(), before + 1)
  })

  it('sends the credential of the session and nothing of the client', async () => {
    await begin(61)
    assert.equal(await ask(), 200)
    const { headers, url, method } = gate.registry.requests.at(-1) ?? {}
    assert.deepEqual([method, url], ['GET', '/api/me'])
    assert.equal(headers?.authorization, `Bearer ${opening.credential.token}`)
    assert.ok(!JSON.stringify(gate.registry.requests.at(-1)?.rawHeaders).includes(token))
  })

  it('makes a request wait when the last check is older than 60 s, and refuses a deactivated user', async () => {
    await begin(61)
    gate.registry.answer(REFUSED)
    const refused = await gate.envoy.present(token)
    assert.equal(refused.httpStatus, 401)
    assert.equal(refused.metadata.reason, 'person_refused')
    assert.match(refused.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
  })

  for (const [what, answer] of [
    ['is not active', person({ is_active: false })],
    ['is another user', person({ current_user: 'grace' })],
    [
      'is refused in the words of a Registry before 26.8',
      json(403, { message: 'Account is inactive. Must have an active account.' }),
    ],
  ] as const) {
    it(`refuses a credential whose user ${what}`, async () => {
      await begin(61)
      gate.registry.answer(answer)
      assert.equal(await ask(), 401)
    })
  }

  it('remembers a refusal for 10 s, then asks again and accepts the user if the Registry does', async () => {
    await begin(61)
    gate.registry.answer(REFUSED)
    assert.equal(await ask(), 401)
    const before = asked()
    gate.registry.answer(ADA)
    for (let count = 0; count < 20; count += 1) assert.equal(await ask(), 401)
    assert.equal(asked(), before, 'repeated requests reached the Registry')
    skip(10)
    await isLive()
    assert.equal(await ask(), 200)
    assert.equal(asked(), before + 1)
  })

  for (const [what, answer] of [
    ['answers 500', json(500, { message: 'Internal server error.' })],
    ['answers 403 for one action', json(403, { message: 'Forbidden.' })],
    ['answers 401 in the words of a proxy', json(401, 'Unauthorized')],
    ['answers without a user', json(200, { user: 'ada' })],
    ['answers with 10 MB', json(200, { current_user: 'ada', more: 'x'.repeat(10_000_000) })],
  ] as const) {
    it(`ends no session when the Registry ${what}`, async () => {
      await begin(61)
      gate.registry.answer(answer)
      assert.equal(await ask(), 200)
      assert.equal(await ask(), 200)
    })
  }

  it('waits at most 300 ms for a Registry that hangs, and only while the question is new', async () => {
    await begin(61)
    gate.registry.hang()
    const begun = performance.now()
    assert.equal(await ask(), 200)
    const firstMs = performance.now() - begun
    assert.ok(firstMs >= 250 && firstMs < 450, `${firstMs} ms`)
    const again = performance.now()
    assert.equal(await ask(), 200)
    assert.ok(performance.now() - again < 200)
  })

  it('returns 503 when the Registry has not answered for a day', async () => {
    await begin(86_401)
    gate.registry.answer(json(500, {}))
    const answer = await gate.envoy.present(token)
    assert.equal(answer.httpStatus, 503)
    assert.equal(answer.metadata.reason, 'registry_unavailable')
  })

  it('asks again about a renewed credential when the one before was refused', async () => {
    await begin(61)
    gate.registry.answer(REFUSED)
    assert.equal(await ask(), 401)
    gate.registry.answer(ADA)
    const { session, share } = opening
    const credential = { token: 'renewed', expiresAt: NOW + 7200 }
    const renewed = sealCredential(RING, session, { share, credential })
    const key = `connect:{${session.id}}:session`
    await gate.redis.hset(key, 'record', JSON.stringify(renewed))
    await gate.redis.publish(SESSION_CHANGES, JSON.stringify({ session: session.id, change: 'renewed' }))
    await until(async () => (await ask()) === 200, 'authz to read the renewed credential')
    assert.equal(gate.registry.requests.at(-1)?.headers.authorization, 'Bearer renewed')
  })

  it('takes a check that a record dates in the future for one of now', async () => {
    await begin(-1_000_000)
    assert.equal(await ask(), 200)
    const before = asked()
    skip(46)
    await isLive()
    assert.equal(await ask(), 200)
    await until(() => asked() > before, 'the question')
  })

  it('refuses a session that ended while its request waited for the Registry', async () => {
    await begin(61)
    const waiting = new Promise<() => void>((resolve) => {
      gate.registry.answer((request, response) => resolve(() => ADA(request, response)))
    })
    const asking = gate.envoy.present(token)
    const goOn = await waiting
    const acknowledged = new Promise<void>((resolve) => {
      gate.subscriber.on('message', (_channel, text) => {
        if (text.includes(opening.session.id)) resolve()
      })
    })
    await new SessionStore(gate.redis).end(opening.session.id, 'change')
    await acknowledged
    goOn()
    assert.equal((await asking).metadata.reason, 'session_ended')
  })

  it('logs an outage of the Registry once, and its end once', async () => {
    gate.lines.length = 0
    const said = (): unknown[] =>
      gate.lines.map(({ msg }) => msg).filter((text) => String(text).startsWith('registry:'))
    for (const answer of [json(500, {}), json(500, {}), ADA, ADA]) {
      await begin(61)
      gate.registry.answer(answer)
      assert.equal(await ask(), 200)
    }
    assert.deepEqual(said(), ['registry: unavailable, users are not checked', 'registry: available again'])
  })

  it('logs no credential', async () => {
    await begin(61)
    gate.registry.answer(json(500, {}))
    await ask()
    assert.ok(!JSON.stringify(gate.lines).includes(opening.credential.token))
  })
})
