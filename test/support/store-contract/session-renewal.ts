import assert from 'node:assert/strict'
import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import { SESSION_CHANGES } from '../../../core/sessions/session-changes.ts'
import { SessionStore, type StoredSession } from '../../../core/sessions/session-store.ts'
import { sealCredential, type Session } from '../../../core/sessions/session.ts'
import { testRing } from '../../core/support/keys.ts'
import { NOW, sessionFacts } from '../../core/support/session.ts'
import type { TestStore } from '../store/each-store.ts'

const CLAIM_MS = 20_000

/** The contract of renewing a session, on every kind of store. */
export function sessionRenewalContract(current: () => TestStore): void {
  let store: SessionStore
  let session: Session

  beforeEach(async () => {
    store = new SessionStore(current().store)
    session = sealed('a-quilt-token')
    await store.issueCode(session.id, 'code', { record: 'issued', seconds: 60 })
    const refresh = { hash: sha256('refresh'), generation: 1, keyId: 'key-1' }
    const code = { hash: 'code', record: 'issued', usedMarker: 'used', usedSeconds: 60 }
    assert.ok(
      await store.openSession(code, { session, refresh, idleSeconds: 1000, sealedRenewal: 'sealed-1' }),
    )
  })

  function sealed(token: string, facts = sessionFacts()): Session {
    const credential = { token, expiresAt: NOW + 7200 }
    return sealCredential(testRing(), facts, { share: randomSecret(), credential })
  }

  async function whole(): Promise<StoredSession> {
    const stored = await store.findWhole(session.id)
    assert.ok(stored !== undefined)
    return stored
  }

  it('findWhole returns the sealed renewal, find does not', async () => {
    assert.equal((await whole()).sealedRenewal, 'sealed-1')
    assert.deepEqual(await store.find(session.id), session)
  })

  it('replaces credential, time of check and renewal, and publishes the change to every authz process', async () => {
    const next = sealed('another', session)
    const heard = await current().listenTo(SESSION_CHANGES)
    const renewed = { session: next, checkedAt: NOW + 5, sealedRenewal: 'sealed-2' }
    assert.equal(await store.replace(await whole(), renewed, 'change-1'), 'replaced')
    assert.equal(await heard.next(), JSON.stringify({ session: session.id, change: 'change-1' }))
    const { session: found, sealedRenewal } = await whole()
    assert.deepEqual(found, { ...next, checkedAt: NOW + 5 })
    assert.equal(sealedRenewal, 'sealed-2')
  })

  it('replaces nothing that changed since it was read, or ended', async () => {
    const read = await whole()
    const renewed = { session: sealed('another', session), checkedAt: NOW }
    assert.equal(await store.replace(read, renewed, 'change-1'), 'replaced')
    assert.equal(
      await store.replace(read, { ...renewed, session: sealed('third', session) }, 'change-2'),
      'changed',
    )
    assert.deepEqual((await store.find(session.id))?.sealedCredential, renewed.session.sealedCredential)
    assert.equal((await whole()).sealedRenewal, undefined)
    await store.end(session.id, 'change-3')
    assert.equal(await store.replace(read, renewed, 'change-4'), 'gone')
    assert.equal(await store.find(session.id), undefined)
  })

  it('does not extend a session’s lifetime', async () => {
    const key = `connect:{${session.id}}:session`
    await current().store.expire(key, 100)
    await store.replace(await whole(), { session: sealed('another', session), checkedAt: NOW }, 'change-1')
    await store.markChecked(session.id, NOW)
    assert.ok((await current().store.ttl(key)) <= 100)
  })

  it('stores the new renewal, or none, only if the session is unchanged since it was read', async () => {
    const read = await whole()
    await store.keepRenewal(read, 'sealed-2')
    assert.equal((await whole()).sealedRenewal, 'sealed-2')
    const again = await whole()
    await store.keepRenewal({ ...again, record: 'another' }, 'sealed-3')
    await store.keepRenewal(read, undefined)
    assert.equal((await whole()).sealedRenewal, 'sealed-2')
    await store.keepRenewal(again, undefined)
    assert.equal((await whole()).sealedRenewal, undefined)
  })

  it('stores the time of the last check without counting as a change', async () => {
    const read = await whole()
    await store.markChecked(session.id, NOW + 7)
    assert.equal((await store.find(session.id))?.checkedAt, NOW + 7)
    assert.equal((await whole()).record, read.record)
  })

  it('does not bring back an ended session', async () => {
    const read = await whole()
    await store.end(session.id, 'change-1')
    await store.markChecked(session.id, NOW)
    await store.keepRenewal(read, 'sealed-2')
    assert.equal(await store.findWhole(session.id), undefined)
    assert.equal(await current().store.exists(`connect:{${session.id}}:session`), 0)
  })

  it('lets one process renew at a time, until its claim expires', async () => {
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, index) => store.claimRenewal(session.id, `owner-${index}`, CLAIM_MS)),
    )
    assert.equal(claims.filter(Boolean).length, 1)
    const key = `connect:{${session.id}}:renewing`
    assert.ok((await current().store.pttl(key)) > CLAIM_MS - 1000)
  })

  it('lets only the owner release a claim', async () => {
    await store.claimRenewal(session.id, 'first', CLAIM_MS)
    await store.releaseRenewal(session.id, 'second')
    assert.equal(await store.claimRenewal(session.id, 'second', CLAIM_MS), false)
    await store.releaseRenewal(session.id, 'first')
    assert.equal(await store.claimRenewal(session.id, 'second', CLAIM_MS), true)
  })
}
