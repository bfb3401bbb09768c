import assert from 'node:assert/strict'
import { SESSION_CHANGES } from '../../../core/sessions/session-changes.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { sealCredential } from '../../../core/sessions/session.ts'
import { NOW, openSession, RING, type Opening } from '../support/sessions.ts'
import { startGate } from '../support/gate.ts'
import { ADA, json, person, REFUSED } from '../support/registry.ts'
import { startValkey } from '../../support/valkey.ts'
import { until } from '../../support/until.ts'
import { beforeAll } from '../../support/before-all.ts'

const SECOND_MS = 1000

describe('Checks of a person in use', () => {
  let opening: Opening
  let token: string

  const gate = beforeAll(async () => await startGate(await startValkey()))

  beforeEach(async () => {
    gate.registry.answer(ADA)
    // What was asked for another session is over.
    skip(10)
    await begin()
  })

  /** A session whose person was checked so many seconds ago. */
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
  /** As beats are real, time may only be moved for what is asked next. */
  const isLive = (): Promise<void> => until(() => gate.changes.isLive, 'a beat')

  it('ask nobody while the last check is young', async () => {
    const before = asked()
    for (let count = 0; count < 5; count += 1) assert.equal(await ask(), 200)
    assert.equal(asked(), before)
  })

  it('ask once, beside the way of the request, when it is older than 45 s', async () => {
    await begin(46)
    gate.registry.hang()
    const before = asked()
    const begun = performance.now()
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [200, 200, 200])
    assert.ok(performance.now() - begun < 250, 'nobody waited')
    await until(() => asked() > before, 'the question')
    assert.equal(asked(), before + 1)
  })

  it('ask with the credential of the session, and nothing of the client', async () => {
    await begin(61)
    assert.equal(await ask(), 200)
    const { headers, url, method } = gate.registry.requests.at(-1) ?? {}
    assert.deepEqual([method, url], ['GET', '/api/me'])
    assert.equal(headers?.authorization, `Bearer ${opening.credential.token}`)
    assert.ok(!JSON.stringify(gate.registry.requests.at(-1)?.rawHeaders).includes(token))
  })

  it('let a request wait when it is older than 60 s, and refuse who was deactivated', async () => {
    await begin(61)
    gate.registry.answer(REFUSED)
    const refused = await gate.envoy.present(token)
    assert.equal(refused.httpStatus, 401)
    assert.equal(refused.metadata.reason, 'person_refused')
    assert.match(refused.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
  })

  for (const [what, answer] of [
    ['is not active', person({ is_active: false })],
    ['is somebody else', person({ current_user: 'grace' })],
    [
      'is refused in the words of old',
      json(403, { message: 'Account is inactive. Must have an active account.' }),
    ],
  ] as const) {
    it(`refuse a credential whose person ${what}`, async () => {
      await begin(61)
      gate.registry.answer(answer)
      assert.equal(await ask(), 401)
    })
  }

  it('remember a refusal for 10 s, ask again after that, and take an acceptance for what it is', async () => {
    await begin(61)
    gate.registry.answer(REFUSED)
    assert.equal(await ask(), 401)
    const before = asked()
    gate.registry.answer(ADA)
    for (let count = 0; count < 20; count += 1) assert.equal(await ask(), 401)
    assert.equal(asked(), before, 'a client that hammers does not hammer the Registry')
    skip(10)
    await isLive()
    assert.equal(await ask(), 200)
    assert.equal(asked(), before + 1)
  })

  for (const [what, answer] of [
    ['answers 500', json(500, { message: 'Internal server error.' })],
    ['forbids something', json(403, { message: 'Forbidden.' })],
    ['says 401 in the words of a proxy', json(401, 'Unauthorized')],
    ['answers with something else', json(200, { user: 'ada' })],
    ['answers with 10 MB', json(200, { current_user: 'ada', more: 'x'.repeat(10_000_000) })],
  ] as const) {
    it(`end nobody's session when the Registry ${what}`, async () => {
      await begin(61)
      gate.registry.answer(answer)
      assert.equal(await ask(), 200)
      assert.equal(await ask(), 200)
    })
  }

  it('wait no longer than 300 ms for a Registry that hangs, and only while the question is new', async () => {
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

  it('answer 503 when the Registry has not answered for a day', async () => {
    await begin(86_401)
    gate.registry.answer(json(500, {}))
    const answer = await gate.envoy.present(token)
    assert.equal(answer.httpStatus, 503)
    assert.equal(answer.metadata.reason, 'registry_unavailable')
  })

  it('ask anew about a credential that was renewed, whatever was said of the one before', async () => {
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
    await until(async () => (await ask()) === 200, 'the change to be heard')
    assert.equal(gate.registry.requests.at(-1)?.headers.authorization, 'Bearer renewed')
  })

  it('begin from the record when it says of a check in the future that it was just now', async () => {
    await begin(-1_000_000)
    assert.equal(await ask(), 200)
    const before = asked()
    skip(46)
    await isLive()
    assert.equal(await ask(), 200)
    await until(() => asked() > before, 'the question')
  })

  it('let nobody pass whose session ended while the Registry was asked', async () => {
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

  it('say once that the Registry does not answer, and once that it does again', async () => {
    gate.lines.length = 0
    const said = (): unknown[] =>
      gate.lines.map(({ msg }) => msg).filter((text) => String(text).startsWith('the Registry'))
    for (const answer of [json(500, {}), json(500, {}), ADA, ADA]) {
      await begin(61)
      gate.registry.answer(answer)
      assert.equal(await ask(), 200)
    }
    assert.deepEqual(said(), [
      'the Registry does not answer: people go unchecked',
      'the Registry answers again',
    ])
  })

  it('log no credential', async () => {
    await begin(61)
    gate.registry.answer(json(500, {}))
    await ask()
    assert.ok(!JSON.stringify(gate.lines).includes(opening.credential.token))
  })
})
