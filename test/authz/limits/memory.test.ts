import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { LRUCache } from 'lru-cache'
import { memoryLimits } from '../../../authz/limits/memory-limits.ts'
import { UserStatusChecks } from '../../../authz/registry/user-status-checks.ts'
import { SessionCache } from '../../../authz/sessions/session-cache.ts'
import { networksOf } from '../../../authz/limits/network-limit.ts'
import { TokenVerifier } from '../../../authz/tokens/token-verifier.ts'
import { verificationKeys } from '../../../core/tokens/verification-keys.ts'
import { encode, Forge } from '../../core/support/forge.ts'
import {
  AUDIENCE,
  claimsOf,
  NOW,
  NOW_MS,
  openSession,
  ORIGIN,
  RING,
  type Opening,
} from '../support/sessions.ts'
import { heapInUse } from '../support/heap.ts'

/** Stated in memory-limits.ts, and a tenth more for what the measurement itself leaves behind. */
const SESSION_BYTES = 1.3 * 1024 * 1.1
const TOKEN_BYTES = 0.6 * 1024 * 1.1
const HITS = 50_000
const waiting = { isGone: false }

describe('The memory of authz', () => {
  const elapsedMs = (): number => performance.now()
  const nowMs = (): number => NOW_MS
  /** As long as sealed registrations are; a few applications serve many people. */
  const clientIds = Array.from({ length: 10 }, () => randomBytes(300).toString('base64url'))

  function opening(number: number): Opening {
    return openSession(
      {
        person: { name: `person-${number}`, email: `person-${number}@example.com` },
        clientId: clientIds[number % clientIds.length] ?? '',
      },
      // A Quilt token is a JWT with two ids in it.
      { credential: { token: randomBytes(180).toString('base64url'), expiresAt: NOW + 7200 } },
    )
  }

  function cacheOf(
    limits: { sessions: number; bytes: number },
    find: () => Opening['session'],
  ): SessionCache {
    const store = { find: () => Promise.resolve(structuredClone(find())), nodeOf: () => '' }
    return new SessionCache({ store, changes: { isLive: true, lagMs: 0 }, limits, graceMs: 0, elapsedMs })
  }

  it('is 1.3 KiB per session with its opened credential and user status', async function () {
    const [warmUp, count] = [500, 8000]
    let found = opening(0)
    const limits = memoryLimits(100_000)
    const cache = cacheOf(limits.sessions, () => found.session)
    const registry = { whoIs: () => Promise.reject(new Error('the Registry must not be asked')) }
    const log = pino({ level: 'silent' })
    const capacity = limits.users
    const persons = new UserStatusChecks({ registry, outageMaxMs: 1000, capacity, log, elapsedMs, nowMs })
    let before = 0
    for (let number = 0; number < warmUp + count; number += 1) {
      if (number === warmUp) before = heapInUse()
      found = opening(number)
      const held = await cache.find(found.session.id, waiting)
      assert.equal(held?.open(RING, found.share).outcome, 'opened')
      assert.ok(persons.isFresh(held))
    }
    const each = (heapInUse() - before) / count
    assert.ok(each < SESSION_BYTES && each > 500, `${each} bytes`)
    assert.ok((await cache.find(found.session.id, waiting)) !== undefined, 'all of it is still in use')
  })

  it('is 0.6 KiB per token', async function () {
    const [warmUp, count] = [200, 3000]
    const forge = new Forge('key-1')
    const header = encode(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1' }))
    // As much time passes as it needs to be busy with none of them.
    let passedMs = 0
    const verifier = new TokenVerifier({
      issuer: ORIGIN,
      keys: verificationKeys(forge.jwks),
      networksOf: networksOf([]),
      capacity: 100_000,
      nowMs,
      elapsedMs: () => (passedMs += 1),
    })
    const shown = { audience: AUDIENCE, caller: waiting, clientAddress: '10.0.0.1' }
    const { session } = opening(0)
    let before = 0
    let token = ''
    for (let number = 0; number < warmUp + count; number += 1) {
      if (number === warmUp) before = heapInUse()
      const claims = claimsOf({ ...opening(0), share: randomBytes(32).toString('base64url') })
      token = forge.sign(header, encode(JSON.stringify({ ...claims, client_id: session.clientId })))
      const verified = await verifier.verify(token, shown)
      assert.ok(verified !== 'busy' && verified.ok)
    }
    const each = (heapInUse() - before) / count
    assert.ok(each < TOKEN_BYTES && each > 300, `${each} bytes`)
    assert.ok(!(verifier.verify(token, shown) instanceof Promise), 'all of it is still in use')
  })

  it('is limited in bytes too: fewer large sessions are cached', async () => {
    const token = 'q'.repeat(10_000)
    const large = openSession({}, { credential: { token, expiresAt: NOW + 7200 } }).session
    let reads = 0
    const cache = cacheOf({ sessions: 100, bytes: 100_000 }, () => {
      reads += 1
      return large
    })
    const readsOf = async (ids: readonly string[]): Promise<number> => {
      reads = 0
      for (const id of ids) await cache.find(id, waiting)
      return reads
    }
    const ids = Array.from({ length: 10 }, (_, number) => `session-${number}`)
    assert.equal(await readsOf(ids), 10)
    assert.equal(await readsOf(ids.slice(-6)), 0)
    assert.equal(await readsOf(ids.slice(0, 1)), 1)
  })

  it('is read as fast with 100,000 entries as with 1,000', () => {
    /** What one hit takes, in nanoseconds, once each of them was the oldest for a while. */
    const hitAmong = (held: number): number => {
      const map = new LRUCache<string, number>({ max: held })
      const keys = Array.from({ length: held }, (_, number) => `a key of usual length ${number}`)
      for (const [number, key] of keys.entries()) map.set(key, number)
      const rounds = [1, 2, 3].map(() => {
        const begun = process.hrtime.bigint()
        for (let count = 0; count < HITS; count += 1) map.get(keys[count % held] ?? '')
        return Number(process.hrtime.bigint() - begun) / HITS
      })
      return Math.min(...rounds)
    }
    // The processor's own caches make for a few times as much.
    const [few, many] = [hitAmong(1000), hitAmong(100_000)]
    assert.ok(many < 8 * few + 1000, `${few} ns among a thousand, ${many} ns among a hundred thousand`)
  })
})
