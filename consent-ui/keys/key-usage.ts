import type { Redis } from 'ioredis'
import { readRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import type { Session } from '../../core/sessions/session.ts'
import { mastersOf } from '../../core/store/store-masters.ts'
import { keysSealing, keySigning } from './sealed-under.ts'

/** What needs one sealing key. */
export interface KeyUse {
  /** Live sessions whose Quilt credential or its renewal is sealed under it. */
  readonly sessions: number
  /** Live sessions whose current refresh token it derived. */
  readonly refreshTokens: number
  /** Live sessions whose client's registration is sealed under it. */
  readonly registrations: number
  /** Links between Quilt users and identity provider subjects that it signs. */
  readonly links: number
  /** Codes, sign-ins and other records that live for minutes. */
  readonly inProgress: number
  /** End of the last link unless its user signs in, in seconds since 1970; 0 without links. */
  readonly linksUntil: number
  /** Latest end of these sessions, in seconds since 1970; 0 without sessions. */
  readonly until: number
}

export type KeyUsage = ReadonlyMap<string, KeyUse>

type Counted = Exclude<keyof KeyUse, 'until' | 'linksUntil'>

interface KeyUsageDependencies {
  readonly store: Store
  /** Of the Connect host; others in the same Redis count their own sessions. */
  readonly origin: string
  /** The sealing key id of a client's registration, if it has one. */
  readonly registrationKey: (clientId: string) => string | undefined
}

const SESSION = /^connect:\{[^}]+\}:session$/
const LINK = 'connect:person:'
const KEYS_AT_ONCE = 500
export const UNUSED: KeyUse = {
  sessions: 0,
  refreshTokens: 0,
  registrations: 0,
  links: 0,
  linksUntil: 0,
  inProgress: 0,
  until: 0,
}

/** Counts by scanning Redis. @throws Error if a node cannot be read: a key that is in use must not look unused */
export async function countKeyUsage(dependencies: KeyUsageDependencies): Promise<KeyUsage> {
  const tally = new Tally()
  const seen = new Set<string>()
  for (const [name, master] of await mastersOf(dependencies.store)) {
    if (master === undefined) throw new Error(`redis: master ${name} is not connected yet`)
    for await (const keys of keysOf(master)) {
      const unseen = keys.filter((key) => !seen.has(key))
      for (const key of unseen) seen.add(key)
      await countAll(dependencies, { master, keys: unseen, tally })
    }
  }
  return tally.counts
}

class Tally {
  readonly counts = new Map<string, KeyUse>()

  /** @param until - end of the counted record, in seconds since 1970 */
  count(keyId: string, what: Counted, until = 0): void {
    const before = this.counts.get(keyId) ?? UNUSED
    const end = what === 'links' ? 'linksUntil' : 'until'
    const after = { [what]: before[what] + 1, [end]: Math.max(before[end], until) }
    this.counts.set(keyId, { ...before, ...after })
  }
}

/** Every key, some of them twice. */
async function* keysOf(master: Redis): AsyncGenerator<readonly string[]> {
  let cursor = '0'
  do {
    const [next, keys] = await master.scan(cursor, 'MATCH', 'connect:*', 'COUNT', KEYS_AT_ONCE)
    yield keys
    cursor = next
  } while (cursor !== '0')
}

interface Found {
  readonly master: Redis
  readonly keys: readonly string[]
  readonly tally: Tally
}

async function countAll(dependencies: KeyUsageDependencies, { master, keys, tally }: Found): Promise<void> {
  const sessions = keys.filter((key) => SESSION.test(key))
  const links = keys.filter((key) => key.startsWith(LINK))
  const others = keys.filter((key) => !SESSION.test(key) && !key.startsWith(LINK))
  await Promise.all(links.map((key) => countLink(dependencies, { master, key, tally })))
  const records = sessions.map((key) => master.hmget(key, 'record', 'renewal', 'key'))
  for (const fields of await Promise.all(records)) countSession(dependencies, fields, tally)
  for (const value of await Promise.all(others.map((key) => textAt(master, key)))) {
    for (const keyId of keysSealing(value)) tally.count(keyId, 'inProgress')
  }
}

async function countLink(
  { origin }: KeyUsageDependencies,
  { master, key, tally }: Omit<Found, 'keys'> & { readonly key: string },
): Promise<void> {
  const [text, until] = await Promise.all([textAt(master, key), master.expiretime(key)])
  const keyId = keySigning(text, origin)
  if (keyId !== undefined) tally.count(keyId, 'links', until)
}

function countSession(
  { origin, registrationKey }: KeyUsageDependencies,
  [record, renewal, refreshKey]: readonly (string | null)[],
  tally: Tally,
): void {
  if (typeof record !== 'string') return
  const { sealedCredential, resource, clientId, expiresAt } = readRecord(record) as Session
  if (new URL(resource).origin !== origin) return
  for (const keyId of new Set([sealedCredential, renewal ?? ''].flatMap(keysSealing))) {
    tally.count(keyId, 'sessions', expiresAt)
  }
  if (typeof refreshKey === 'string') tally.count(refreshKey, 'refreshTokens', expiresAt)
  const registered = registrationKey(clientId)
  if (registered !== undefined) tally.count(registered, 'registrations', expiresAt)
}

/** The string at a key; empty if it is gone or of another type. */
async function textAt(master: Redis, key: string): Promise<string> {
  try {
    return (await master.get(key)) ?? ''
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return ''
    throw error
  }
}
