import type { Redis } from 'ioredis'
import type { Store } from '../../core/redis.ts'
import type { Session } from '../../core/session.ts'
import { mastersOf } from '../../core/store-masters.ts'
import { keysSealing } from './sealed-under.ts'

/** What rests on one sealing key: without it, none of these could be used any more. */
export interface KeyUse {
  /** Live sessions whose Quilt credential, or what renews it, is sealed under it. */
  readonly sessions: number
  /** Live sessions whose current refresh token was derived with it. */
  readonly refreshTokens: number
  /** Live sessions whose client's registration is sealed under it. */
  readonly registrations: number
  /** Codes, sign-ins and the like, which live for minutes. */
  readonly inProgress: number
  /** When the last of these sessions ends at the latest, in seconds since 1970; 0 when there is none. */
  readonly until: number
}

export type Census = ReadonlyMap<string, KeyUse>

type Counted = Exclude<keyof KeyUse, 'until'>

interface CensusParts {
  readonly store: Store
  /** Of the Connect host: sessions of others in the same store are theirs to count. */
  readonly origin: string
  /** The id of the sealing key of a registration; undefined for a client that has none. */
  readonly registrationKey: (clientId: string) => string | undefined
}

const SESSION = /^connect:\{[^}]+\}:session$/
const KEYS_AT_ONCE = 500
const NOTHING: KeyUse = { sessions: 0, refreshTokens: 0, registrations: 0, inProgress: 0, until: 0 }

/**
 * Counts, by sealing key, what is in the store now. It looks at every key there is, a few hundred at a time, and
 * so belongs into the background: no script of the request's path keeps numbers for it.
 *
 * @throws Error where a part of the store cannot be read: what was not seen must not count as nothing
 */
export async function takeCensus(parts: CensusParts): Promise<Census> {
  const tally = new Tally()
  const seen = new Set<string>()
  for (const [name, master] of await mastersOf(parts.store)) {
    if (master === undefined) throw new Error(`the store's master ${name} is not connected yet`)
    for await (const keys of keysOf(master)) {
      const unseen = keys.filter((key) => !seen.has(key))
      for (const key of unseen) seen.add(key)
      await countAll(parts, { master, keys: unseen, tally })
    }
  }
  return tally.counts
}

class Tally {
  readonly counts = new Map<string, KeyUse>()

  /** @param until - when what was counted ends, in seconds since 1970 */
  count(keyId: string, what: Counted, until = 0): void {
    const before = this.counts.get(keyId) ?? NOTHING
    const after = { [what]: before[what] + 1, until: Math.max(before.until, until) }
    this.counts.set(keyId, { ...before, ...after })
  }
}

/** All of them, and some twice. */
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

async function countAll(parts: CensusParts, { master, keys, tally }: Found): Promise<void> {
  const sessions = keys.filter((key) => SESSION.test(key))
  const others = keys.filter((key) => !SESSION.test(key))
  const records = sessions.map((key) => master.hmget(key, 'record', 'renewal', 'key'))
  for (const fields of await Promise.all(records)) countSession(parts, fields, tally)
  for (const value of await Promise.all(others.map((key) => textAt(master, key)))) {
    for (const keyId of keysSealing(value)) tally.count(keyId, 'inProgress')
  }
}

function countSession(
  { origin, registrationKey }: CensusParts,
  [record, renewal, refreshKey]: readonly (string | null)[],
  tally: Tally,
): void {
  if (typeof record !== 'string') return
  const { sealedCredential, resource, clientId, expiresAt } = JSON.parse(record) as Session
  if (new URL(resource).origin !== origin) return
  for (const keyId of new Set([sealedCredential, renewal ?? ''].flatMap(keysSealing))) {
    tally.count(keyId, 'sessions', expiresAt)
  }
  if (typeof refreshKey === 'string') tally.count(refreshKey, 'refreshTokens', expiresAt)
  const registered = registrationKey(clientId)
  if (registered !== undefined) tally.count(registered, 'registrations', expiresAt)
}

/** The text at a key; empty where it is gone by now, or no text. */
async function textAt(master: Redis, key: string): Promise<string> {
  try {
    return (await master.get(key)) ?? ''
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return ''
    throw error
  }
}
