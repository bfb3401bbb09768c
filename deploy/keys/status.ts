import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { createLog } from '../../core/log/log.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { connectStore, type Store } from '../../core/store/redis.ts'
import { sealedUnder } from '../../consent-ui/clients/sealed-client.ts'
import { takeCensus, UNUSED, type Census, type KeyUse } from '../../consent-ui/keys/session-census.ts'
import { signedFor } from '../../core/keys/signing-mark.ts'
import { sealingAdvice, signingAdvice } from './advice.ts'
import type { StatusConfig } from './config.ts'

const CONNECT_TIMEOUT_MS = 5000
const MOST_ATTEMPTS = 10
const PAUSE_MS = 200

/**
 * What rests on each key, as text for an operator.
 *
 * @throws Error where the store, or a part of it, does not answer
 */
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
  const census = await patiently(() => takeCensus({ store, origin, registrationKey }))
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

/** A client of a cluster connects to a master when there is something to say. */
async function patiently<Result>(take: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt += 1) {
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

/** Sessions whose key was dropped too early come back with it. */
function lost(census: Census, ring: KeyRing): string[] {
  const known = new Set(ring.all.map(({ id }) => id))
  const missing = [...census].filter(([id]) => !known.has(id))
  return missing.flatMap(([id, { sessions, links }]) => [
    ...resting(`${sessions} live session(s)`, id, sessions),
    ...resting(`${links} account link(s)`, id, links),
  ])
}

function resting(what: string, id: string, count: number): string[] {
  if (count === 0) return []
  return ['', `${what} rest on the sealing key ${id}, which is not in the list: they are answered 503.`]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
