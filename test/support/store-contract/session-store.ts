import assert from 'node:assert/strict'
import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import type { Store } from '../../../core/store/redis.ts'
import { SESSION_CHANGES } from '../../../core/sessions/session-changes.ts'
import { SessionStore, type RefreshState } from '../../../core/sessions/session-store.ts'
import { sealCredential, type Session } from '../../../core/sessions/session.ts'
import { testRing } from '../../core/support/keys.ts'
import { NOW, sessionFacts } from '../../core/support/session.ts'
import type { TestStore } from '../store/each-store.ts'

const CODE_SECONDS = 60
const USED_SECONDS = 600
const IDLE_SECONDS = 1000

/** A session to open, with its code and first refresh token. */
interface Beginning {
  readonly session: Session
  readonly code: string
  readonly refreshToken: string
  readonly share: string
}

/** The contract of the store of sessions, on every kind of store. */
export function sessionStoreContract(current: () => TestStore): void {
  let redis: Store
  let store: SessionStore

  beforeEach(() => {
    redis = current().store
    store = new SessionStore(redis)
  })

  async function begin(): Promise<Beginning> {
    const share = randomSecret()
    const credential = { token: 'a-quilt-token', expiresAt: NOW + 7200 }
    const session = sealCredential(testRing(), sessionFacts(), { share, credential })
    const code = randomSecret()
    await store.issueCode(session.id, sha256(code), { record: 'issued', seconds: CODE_SECONDS })
    return { session, code, refreshToken: randomSecret(), share }
  }

  function open({ session, code, refreshToken }: Beginning, record = 'issued'): Promise<boolean> {
    return store.openSession(
      { hash: sha256(code), record, usedMarker: 'used', usedSeconds: USED_SECONDS },
      { session, refresh: state(refreshToken, 1), idleSeconds: IDLE_SECONDS },
    )
  }

  function state(token: string, generation: number, keyId = 'key-1'): RefreshState {
    return { hash: sha256(token), generation, keyId }
  }

  async function opened(): Promise<Beginning> {
    const beginning = await begin()
    assert.ok(await open(beginning))
    return beginning
  }

  function rotate(session: Session, [token, successor]: [string, string], keyId = 'key-1') {
    return store.rotate(
      { sessionId: session.id, hash: sha256(token) },
      { refresh: state(successor, 2, keyId), idleSeconds: IDLE_SECONDS },
    )
  }

  async function isCurrent(session: Session, token: string): Promise<boolean> {
    return (await store.findRefresh(session.id))?.hash === sha256(token)
  }

  /** The messages about a session; messages about others may still arrive from a cluster. */
  async function changeOf(session: string, changes: { next(): Promise<string> }): Promise<unknown> {
    for (;;) {
      const change = JSON.parse(await changes.next()) as { session: string }
      if (change.session === session) return change
    }
  }

  async function lifetimes(): Promise<Map<string, number>> {
    const keys = await current().keys()
    return new Map(await Promise.all(keys.map(async (key) => [key, await redis.ttl(key)] as const)))
  }

  it('finds only the session that was opened', async () => {
    const { session } = await opened()
    assert.deepEqual(await store.find(session.id), session)
    for (const id of [randomSecret(), '', '*', `${session.id}}:session`]) {
      assert.equal(await store.find(id), undefined)
    }
  })

  it('finds a code only by session and hash', async () => {
    const { session, code } = await begin()
    assert.equal(await store.findCode(session.id, sha256(code)), 'issued')
    assert.equal(await store.findCode(session.id, code), undefined)
    assert.equal(await store.findCode(randomSecret(), sha256(code)), undefined)
  })

  it('lets one of many racers turn a code into its session', async () => {
    const beginning = await begin()
    const racers = Array.from({ length: 100 }, () => ({ ...beginning, refreshToken: randomSecret() }))
    const outcomes = await Promise.all(racers.map((racer) => open(racer)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    const winner = racers[outcomes.indexOf(true)]
    const current = racers.map(({ session, refreshToken }) => isCurrent(session, refreshToken))
    assert.deepEqual(await Promise.all(current), outcomes)
    assert.deepEqual(await store.find(beginning.session.id), winner?.session)
  })

  it('opens nothing for a code that is used, unknown, or not as it was read', async () => {
    const used = await opened()
    assert.equal(await open(used), false)
    assert.equal(await open({ ...used, refreshToken: randomSecret() }), false)
    assert.ok(await isCurrent(used.session, used.refreshToken))

    const beginning = await begin()
    assert.equal(await open(beginning, 'another record'), false)
    assert.equal(await open({ ...beginning, code: randomSecret() }), false)
    assert.equal(await store.find(beginning.session.id), undefined)
    assert.ok(await open(beginning), 'a wrong attempt consumes nothing')
  })

  it('leaves a marker of a used code, for longer than the code would have lived', async () => {
    const { session, code } = await opened()
    assert.equal(await store.findCode(session.id, sha256(code)), 'used')
    const key = [...(await lifetimes()).keys()].find((name) => name.includes(':code:'))
    assert.ok((await redis.ttl(key ?? '')) > CODE_SECONDS)
  })

  it('does not open a session again that has ended', async () => {
    const beginning = await opened()
    await store.end(beginning.session.id, 'change-1')
    assert.equal(await open(beginning), false)
    assert.equal(await store.find(beginning.session.id), undefined)
  })

  it('exchanges the current refresh token for its successor', async () => {
    const { session, refreshToken } = await opened()
    assert.equal(await rotate(session, [refreshToken, 'second']), 'rotated')
    assert.equal(await rotate(session, ['second', 'third']), 'rotated')
    assert.ok(await isCurrent(session, 'third'))
  })

  it('stores the given facts of a refresh token, and none of the one before', async () => {
    const { session, refreshToken } = await opened()
    assert.deepEqual(await store.findRefresh(session.id), { ...state(refreshToken, 1), history: '' })
    const second = { ...state('second', 2, 'key-2'), history: 'of the first' }
    const presented = { sessionId: session.id, hash: sha256(refreshToken) }
    await store.rotate(presented, { refresh: second, idleSeconds: IDLE_SECONDS })
    assert.deepEqual(await store.findRefresh(session.id), second)
    assert.equal(await store.findRefresh(randomSecret()), undefined)
  })

  it('exchanges only the current token, and changes nothing for another', async () => {
    const { session, refreshToken } = await opened()
    await rotate(session, [refreshToken, 'second'])
    const before = await store.findRefresh(session.id)
    for (const token of [refreshToken, 'never issued', '']) {
      assert.equal(await rotate(session, [token, 'other'], 'key-2'), 'changed')
    }
    assert.deepEqual(await store.findRefresh(session.id), before)
    assert.equal(await rotate(session, ['second', 'third']), 'rotated')
  })

  it('rotates once for many at once, and returns "conflict" to the others', async () => {
    const { session, refreshToken } = await opened()
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => rotate(session, [refreshToken, 'second'])),
    )
    assert.equal(outcomes.filter((outcome) => outcome === 'rotated').length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'changed').length, 49)
  })

  it('returns "gone" for an ended session, and does not bring it back', async () => {
    const { session, refreshToken } = await opened()
    await store.end(session.id, 'change-1')
    assert.equal(await rotate(session, [refreshToken, 'second']), 'gone')
    assert.equal(await store.find(session.id), undefined)
    assert.equal(await store.findRefresh(session.id), undefined)
  })

  it('extends a session at each rotation, but not at a refused one', async () => {
    const { session, refreshToken } = await opened()
    const [key] = [...(await lifetimes()).keys()].filter((name) => name.endsWith(':session'))
    const lifetimeAfter = async (token: string): Promise<number> => {
      await redis.expire(key ?? '', 10)
      await rotate(session, [token, 'second'])
      return await redis.ttl(key ?? '')
    }
    assert.ok((await lifetimeAfter(refreshToken)) > 10)
    for (const token of [refreshToken, 'never issued']) assert.ok((await lifetimeAfter(token)) <= 10, token)
  })

  it('ends a session and publishes it in one step', async () => {
    const { session } = await opened()
    const changes = await current().listenTo(SESSION_CHANGES)
    await store.end(session.id, 'change-1')
    assert.deepEqual(await changeOf(session.id, changes), { session: session.id, change: 'change-1' })
    assert.equal(await store.find(session.id), undefined)
  })

  it('publishes the end of an unknown session too, as a cache may have a copy', async () => {
    const changes = await current().listenTo(SESSION_CHANGES)
    await store.end('unknown', 'change-2')
    assert.deepEqual(await changeOf('unknown', changes), { session: 'unknown', change: 'change-2' })
  })

  it('keeps the time of the first contest through rotations, and does not bring back an ended session', async () => {
    const { session, refreshToken } = await opened()
    await store.markContested(session.id, NOW)
    await store.markContested(session.id, NOW + 1)
    await rotate(session, [refreshToken, 'second'])
    assert.equal((await store.findRefresh(session.id))?.contestedAt, NOW)
    assert.deepEqual(await store.find(session.id), session)
    await store.end(session.id, 'change-1')
    await store.markContested(session.id, NOW)
    assert.equal(await store.findRefresh(session.id), undefined)
  })

  it('ends one session and no other', async () => {
    const [one, other] = [await opened(), await opened()]
    await store.end(one.session.id, 'change-1')
    assert.deepEqual(await store.find(other.session.id), other.session)
  })

  it('gives every key a lifetime, and keys of one session one slot', async () => {
    const { session, refreshToken } = await opened()
    await begin()
    const before = await lifetimes()
    await rotate(session, [refreshToken, 'second'])
    const keys = await lifetimes()
    assert.equal(keys.size, 3)
    for (const [key, seconds] of [...before, ...keys]) assert.ok(seconds > 0 && seconds <= IDLE_SECONDS, key)
    const ours = [...keys.keys()].filter((key) => key.includes(session.id))
    assert.equal(ours.length, 2)
    for (const key of ours) assert.match(key, new RegExp(`^connect:\\{${session.id}\\}:`))
  })

  it('stores no usable code, refresh token, share or Quilt credential', async () => {
    const { session, code, refreshToken, share } = await opened()
    const successor = randomSecret()
    await rotate(session, [refreshToken, successor])
    const keys = await current().keys()
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)))
    const hashes = await redis.hgetall(keys.find((key) => key.endsWith(':session')) ?? '')
    const everything = [...keys, ...values.map((value) => value.toString('latin1')), JSON.stringify(hashes)]
    for (const secret of [code, refreshToken, successor, share, 'a-quilt-token']) {
      assert.ok(!everything.some((text) => text.includes(secret)))
    }
    assert.ok(everything.some((text) => text.includes(sha256(successor))))
  })
}
