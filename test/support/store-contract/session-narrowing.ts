import assert from 'node:assert/strict'
import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import { SESSION_CHANGES } from '../../../core/sessions/session-changes.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { accessOf, openCredential, sealCredential, type Session } from '../../../core/sessions/session.ts'
import { testRing } from '../../core/support/keys.ts'
import { NOW, sessionFacts } from '../../core/support/session.ts'
import type { TestStore } from '../store/each-store.ts'

const ring = testRing()
const CREDENTIAL = { token: 'a-quilt-token', expiresAt: NOW + 7200 }

/** The contract of narrowing a session, on every kind of store. */
export function sessionNarrowingContract(current: () => TestStore): void {
  let store: SessionStore
  let session: Session
  let share: string

  beforeEach(async () => {
    store = new SessionStore(current().store)
    share = randomSecret()
    session = sealCredential(ring, sessionFacts(), { share, credential: CREDENTIAL })
    await store.issueCode(session.id, 'code', { record: 'issued', seconds: 60 })
    const refresh = { hash: sha256('refresh'), generation: 1, keyId: 'key-1' }
    const code = { hash: 'code', record: 'issued', usedMarker: 'used', usedSeconds: 60 }
    assert.ok(await store.openSession(code, { session, refresh, idleSeconds: 1000 }))
  })

  async function found(): Promise<Session> {
    const it = await store.find(session.id)
    assert.ok(it !== undefined)
    return it
  }

  it('makes it read-only, and publishes the change to every authz process', async () => {
    const heard = await current().listenTo(SESSION_CHANGES)
    assert.equal(accessOf(await found()), 'full')
    assert.equal(await store.downgrade(session.id, 'change-1'), 'no_replica')
    assert.equal(accessOf(await found()), 'read')
    assert.equal((await found()).access, 'full')
    assert.equal(await heard.next(), JSON.stringify({ session: session.id, change: 'change-1' }))
  })

  it('changes nothing a second time', async () => {
    await store.downgrade(session.id, 'change-1')
    await store.downgrade(session.id, 'change-2')
    assert.deepEqual(await found(), { ...session, narrowedTo: 'read' })
  })

  it('remains through every other change of the session', async () => {
    const before = await store.findWhole(session.id)
    assert.ok(before !== undefined)
    await store.downgrade(session.id, 'change-1')
    const renewed = sealCredential(ring, before.session, { share, credential: CREDENTIAL })
    assert.equal(await store.replace(before, { session: renewed, checkedAt: NOW }, 'change-2'), 'replaced')
    await store.markChecked(session.id, NOW + 1)
    await store.rotate(
      { sessionId: session.id, hash: sha256('refresh') },
      { refresh: { hash: 'second', generation: 2, keyId: 'key-1' }, idleSeconds: 1000 },
    )
    assert.equal(accessOf(await found()), 'read')
    assert.equal((await store.findWhole(session.id))?.session.narrowedTo, 'read')
  })

  it('keeps its credential open to its tokens', async () => {
    await store.downgrade(session.id, 'change-1')
    assert.deepEqual(openCredential(ring, await found(), share), CREDENTIAL)
  })

  it('does not extend its lifetime', async () => {
    const key = `connect:{${session.id}}:session`
    await current().store.expire(key, 100)
    await store.downgrade(session.id, 'change-1')
    assert.ok((await current().store.ttl(key)) <= 100)
  })

  it('does not bring back an ended session, and returns "gone"', async () => {
    await store.end(session.id, 'change-1')
    assert.equal(await store.downgrade(session.id, 'change-2'), 'gone')
    assert.equal(await store.find(session.id), undefined)
    assert.equal(await current().store.exists(`connect:{${session.id}}:session`), 0)
  })

  it('never reads the stored value as wider access', async () => {
    await current().store.hset(`connect:{${session.id}}:session`, 'narrowed_to', 'full')
    assert.equal((await found()).narrowedTo, undefined)
    assert.equal(accessOf({ access: 'read' }), 'read')
  })
}
