import type { Redis } from 'ioredis'
import type { Store } from '../../core/store/redis.ts'
import type { Session } from '../../core/sessions/session.ts'
import { mastersOf } from '../../core/store/store-masters.ts'
import { keysSealing, keySigning } from './sealed-under.ts'

/** What rests on one sealing key: without it, none of these can be used. */
export interface KeyUse {
  /** Live sessions whose Quilt credential, or what renews it, is sealed under it. */
  readonly sessions: number
  /** Live sessions whose current refresh token was derived with it. */
  readonly refreshTokens: number
  /** Live sessions whose client's registration is sealed under it. */
  readonly registrations: number
  /** Links between a person at the identity provider and a Quilt user that are signed under it. */
  readonly links: number
  /** Codes, sign-ins and the like, which live for minutes. */
  readonly inProgress: number
  /** When the last of these links ends unless its person signs in, in seconds since 1970; 0 when there is none. */
  readonly linksUntil: number
  /** When the last of these sessions ends at the latest, in seconds since 1970; 0 when there is none. */
  readonly until: number
}

export type Census = ReadonlyMap<string, KeyUse>

type Counted = Exclude<keyof KeyUse, 'until' | 'linksUntil'>

interface CensusParts {
  readonly store: Store
  /** Of the Connect host: sessions of others in the same store are theirs to count. */
  readonly origin: string
  /** The id of the sealing key of a registration; undefined for a client that has none. */
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
    const before = this.counts.get(keyId) ?? UNUSED
    const end = what === 'links' ? 'linksUntil' : 'until'
    const after = { [what]: before[what] + 1, [end]: Math.max(before[end], until) }
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
  const links = keys.filter((key) => key.startsWith(LINK))
  const others = keys.filter((key) => !SESSION.test(key) && !key.startsWith(LINK))
  await Promise.all(links.map((key) => countLink(parts, { master, key, tally })))
  const records = sessions.map((key) => master.hmget(key, 'record', 'renewal', 'key'))
  for (const fields of await Promise.all(records)) countSession(parts, fields, tally)
  for (const value of await Promise.all(others.map((key) => textAt(master, key)))) {
    for (const keyId of keysSealing(value)) tally.count(keyId, 'inProgress')
  }
}

async function countLink(
  { origin }: CensusParts,
  { master, key, tally }: Omit<Found, 'keys'> & { readonly key: string },
): Promise<void> {
  const [text, until] = await Promise.all([textAt(master, key), master.expiretime(key)])
  const keyId = keySigning(text, origin)
  if (keyId !== undefined) tally.count(keyId, 'links', until)
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
