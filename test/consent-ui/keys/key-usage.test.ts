import assert from 'node:assert/strict'
import { countKeyUsage, type KeyUsage, type KeyUse } from '../../../consent-ui/keys/key-usage.ts'
import { RecordAlarms } from '../../../consent-ui/metrics/record-alarms.ts'
import { LinkStore } from '../../../consent-ui/store/link-store.ts'
import { SignedRecords } from '../../../consent-ui/store/signed-records.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import { keyRing, type KeyRing } from '../../../core/keys/keys.ts'
import { createLog } from '../../../core/log/log.ts'
import { seal } from '../../../core/keys/sealing.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { sealCredential, type SessionFacts } from '../../../core/sessions/session.ts'
import { NOW, sessionFacts } from '../../core/support/session.ts'
import { onEachStore } from '../../support/store/each-store.ts'
import { until } from '../../support/until.ts'
import { as, operatorKey } from '../support/keys.ts'

const ORIGIN = 'https://connect.example.com'
const DAY_SECONDS = 86_400

const old = operatorKey('old')
const next = operatorKey('next')
const SILENT = createLog('test', 'silent')
const NO_LINKS = { links: 0, linksUntil: 0 }

onEachStore('A count of key usage', (current) => {
  const ringOf = (which: typeof old): KeyRing =>
    keyRing(ORIGIN, which === old ? [old] : [as('accept', old), next])

  /** Opens a session as the redemption of a code does. */
  async function open(
    key: typeof old,
    { facts = {}, refreshKey = key.id, sealedRenewal }: Partial<Opening> = {},
  ): Promise<string> {
    const sessions = new SessionStore(current().store)
    const share = randomSecret()
    const credential = { token: 'quilt-token', expiresAt: NOW + DAY_SECONDS }
    const session = sealCredential(ringOf(key), { ...sessionFacts(), ...facts }, { share, credential })
    const code = { hash: randomSecret(), record: 'issued', usedMarker: 'used', usedSeconds: 60 }
    await sessions.issueCode(session.id, code.hash, { record: code.record, seconds: 60 })
    const refresh = { hash: randomSecret(), generation: 1, keyId: refreshKey }
    const renewal = sealedRenewal === undefined ? {} : { sealedRenewal }
    await sessions.openSession(code, { session, refresh, idleSeconds: 3600, ...renewal })
    return session.id
  }

  interface Opening {
    readonly facts: Partial<SessionFacts>
    readonly refreshKey: string
    readonly sealedRenewal: string
  }

  async function countUsage(): Promise<Record<string, unknown>> {
    const { store } = current()
    const registrationKey = (clientId: string): string | undefined =>
      clientId.startsWith('registered-') ? clientId.slice('registered-'.length) : undefined
    let taken: KeyUsage | undefined
    const take = async (): Promise<boolean> => {
      taken = await countKeyUsage({ store, origin: ORIGIN, registrationKey }).catch(unlessNotConnected)
      return taken !== undefined
    }
    await until(take, 'connections to every master')
    return Object.fromEntries(taken ?? [])
  }

  it('finds no key in an empty Redis', async () => {
    assert.deepEqual(await countUsage(), {})
  })

  it('has sessions, refresh tokens and registrations by key, and the end of the last session', async () => {
    await open(old, { facts: { expiresAt: NOW + DAY_SECONDS } })
    await open(old, { facts: { expiresAt: NOW + 3 * DAY_SECONDS, clientId: 'registered-old' } })
    await open(next, { refreshKey: 'old', facts: { expiresAt: NOW + 2 * DAY_SECONDS } })
    assert.deepEqual(await countUsage(), {
      old: {
        sessions: 2,
        refreshTokens: 3,
        registrations: 1,
        ...NO_LINKS,
        inProgress: 0,
        until: NOW + 3 * DAY_SECONDS,
      },
      next: {
        sessions: 1,
        refreshTokens: 0,
        registrations: 0,
        ...NO_LINKS,
        inProgress: 0,
        until: NOW + 2 * DAY_SECONDS,
      },
    })
  })

  it('counts a session once for each key that seals its credential or renewal', async () => {
    await open(old, { sealedRenewal: 'old.AAAA' })
    await open(next, { sealedRenewal: 'old.AAAA' })
    const { old: onOld, next: onNext } = await countUsage()
    assert.equal((onOld as { sessions: number }).sessions, 2)
    assert.equal((onNext as { sessions: number }).sessions, 1)
  })

  it('omits ended sessions', async () => {
    const id = await open(old)
    await new SessionStore(current().store).end(id, 'change')
    assert.deepEqual(await countUsage(), {})
  })

  it('omits sessions of another Connect host in the same Redis', async () => {
    await open(old, { facts: { resource: 'https://connect.example.org/mcp/platform' } })
    assert.deepEqual(await countUsage(), {})
  })

  it('has the codes, sign-ins, pending credentials and answers in progress', async () => {
    const { store } = current()
    const binding = { purpose: 'test', share: Buffer.alloc(32, 7), context: [] }
    const sealed = seal(ringOf(old), binding, 'text')
    const sealedSignIn = seal(ringOf(next), binding, 'text')
    await store.set(
      'connect:{s}:code:h',
      JSON.stringify({ state: 'issued', sealedCredential: sealed }),
      'EX',
      60,
    )
    await store.set('connect:browser:h', JSON.stringify({ id: 'b', sealedSignIn }), 'EX', 60)
    await store.set('connect:transaction:{h}:held', sealed, 'EX', 60)
    await store.set('connect:transaction:{h}:answer', sealed, 'EX', 60)
    await store.set('connect:transaction:{h}', JSON.stringify({ clientId: 'x' }), 'EX', 60)
    await store.set('connect:limit:register:h', '3', 'EX', 60)
    await store.zadd('connect:authz', 1, 'process')
    const { old: onOld, next: onNext, ...others } = await countUsage()
    assert.deepEqual(others, {})
    assert.equal((onOld as { inProgress: number }).inProgress, 3)
    assert.equal((onNext as { inProgress: number }).inProgress, 1)
  })

  it('has the links that a key signs and the end of the last one, without links of another host', async () => {
    const { store } = current()
    const nowSeconds = Math.floor(Date.now() / 1000)
    const parts = { unsignedUntil: 0, now: () => nowSeconds, alarms: new RecordAlarms(SILENT) }
    const linksOf = (origin: string): LinkStore => {
      const records = new SignedRecords({ ...parts, ring: keyRing(origin, [old]) })
      return new LinkStore({ store, records, origin })
    }
    const link = {
      registry: 'https://registry.example',
      name: 'ada',
      issuer: 'https://idp.example',
      subject: '1',
    }
    assert.ok(await linksOf(ORIGIN).confirm(link))
    assert.ok(await linksOf('https://connect.example.org').confirm({ ...link, subject: '2' }))
    const { old: onOld } = (await countUsage()) as { old: KeyUse }
    assert.equal(onOld.links, 3)
    assert.ok(Math.abs(onOld.linksUntil - nowSeconds - 400 * DAY_SECONDS) < 60)
    assert.equal(onOld.until, 0)
  })

  it('has every session if one SCAN does not return all of them', async () => {
    // In batches: a command that waits over half a second fails.
    for (let count = 0; count < 1200; count += 50) {
      await Promise.all(Array.from({ length: 50 }, () => open(old)))
    }
    const { old: onOld } = await countUsage()
    assert.equal((onOld as { sessions: number }).sessions, 1200)
  })
})

function unlessNotConnected(error: unknown): undefined {
  assert.ok(error instanceof Error)
  assert.match(error.message, /is not connected yet$/)
}
