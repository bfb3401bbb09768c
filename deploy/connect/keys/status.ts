import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { createLog } from '../../../core/log/log.ts'
import type { KeyRing } from '../../../core/keys/keys.ts'
import { connectStore, type Store } from '../../../core/store/redis.ts'
import { sealedUnder } from '../../../consent-ui/clients/sealed-client.ts'
import { countKeyUsage, UNUSED, type KeyUsage, type KeyUse } from '../../../consent-ui/keys/key-usage.ts'
import { signedFor } from '../../../core/keys/signing-mark.ts'
import { table } from '../table.ts'
import { sealingAdvice, signingAdvice } from './advice.ts'
import type { StatusConfig } from './config.ts'

const CONNECT_TIMEOUT_MS = 5000
const MAX_ATTEMPTS = 10
const PAUSE_MS = 200

/** @throws Error if a Redis master does not answer */
export async function keyStatus({ store: settings, ...rings }: StatusConfig): Promise<string> {
  const store = connectStore(settings, createLog('keys', 'silent'))
  try {
    await once(store, 'ready', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) })
    return await statusAt(store, rings)
  } finally {
    store.disconnect()
  }
}

async function statusAt(store: Store, rings: Omit<StatusConfig, 'store'>): Promise<string> {
  const { sealingKeys, signingKeys } = rings
  const { origin } = sealingKeys
  const registrationKey = (clientId: string): string | undefined => sealedUnder(sealingKeys, clientId)
  const census = await withRetries(() => countKeyUsage({ store, origin, registrationKey }))
  const sealing = sealingKeys.all.map(({ id, use }) => sealingRow(id, use, census.get(id) ?? UNUSED))
  const signing = await Promise.all(
    signingKeys.all.map(async ({ id, use }) => [
      id,
      use,
      signingAdvice(use, await signedFor(store, origin, id)),
    ]),
  )
  return [
    ...table(
      ['sealing key', 'use', 'sessions', 'refresh tokens', 'registrations', 'links', 'in progress', ''],
      sealing,
    ),
    '',
    ...table(['signing key', 'use', ''], signing),
    ...lost(census, sealingKeys),
    '',
  ].join('\n')
}

/** A cluster client connects to a master at its first command, which may fail meanwhile. */
async function withRetries<Result>(take: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      return await take()
    } catch {
      await setTimeout(PAUSE_MS)
    }
  }
  return await take()
}

function sealingRow(id: string, use: KeyRing['current']['use'], counted: KeyUse): string[] {
  const { sessions, refreshTokens, registrations, links, inProgress } = counted
  const numbers = [sessions, refreshTokens, registrations, links, inProgress].map(String)
  return [id, use, ...numbers, sealingAdvice(use, counted)]
}

/** Sessions of a key that was dropped too early work again when it is put back. */
function lost(census: KeyUsage, ring: KeyRing): string[] {
  const known = new Set(ring.all.map(({ id }) => id))
  const missing = [...census].filter(([id]) => !known.has(id))
  return missing.flatMap(([id, { sessions, links }]) => [
    ...using(`${sessions} live session(s)`, id, sessions),
    ...using(`${links} account link(s)`, id, links),
  ])
}

function using(what: string, id: string, count: number): string[] {
  if (count === 0) return []
  return ['', `${what} use the sealing key ${id}, which is not in the list: their requests get 503.`]
}
