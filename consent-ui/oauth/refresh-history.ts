import { equalSecrets, sha256 } from '../../core/keys/hash.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import { REFRESH_REPEAT_SECONDS } from '../lifetimes.ts'

/** One exchange of a refresh token for its successor. */
interface Exchange {
  /** Of the exchanged token. */
  readonly hash: string
  /** Seconds since 1970. */
  readonly at: number
  /** Tag of the client's network; empty if unknown. */
  readonly network: string
  /** The sealing key that derived the successor. */
  readonly keyId: string
}

/** A session's earlier refresh tokens: enough to tell a lost response from a theft. */
export interface RefreshHistory {
  /** The last exchange and those of the last two minutes, newest last. */
  readonly exchanges: readonly Exchange[]
  /** The key that derived the tokens from a generation on. */
  readonly keys: readonly (readonly [generation: number, keyId: string])[]
  /** By network, the generation last exchanged from it (0 for the code), newest last. */
  readonly networks: readonly (readonly [network: string, generation: number])[]
  /** Hashes of every {@link CHECKPOINT_INTERVAL}th token, oldest first: older tokens are derived up to the next one. */
  readonly checkpoints: Checkpoints
}

interface Checkpoints {
  /** Generation of the first hash; 0 without hashes. */
  readonly first: number
  /** The first 96 bits of each token's hash. */
  readonly hashes: readonly string[]
}

const MAX_EXCHANGES = 50
const MAX_NETWORKS = 8
const TAG_CHARACTERS = 22

/** Generations between two checkpoints: the max number of derivations to judge a token. */
export const CHECKPOINT_INTERVAL = 64
/** Enough for a hundred days of hourly refreshes. Older tokens count as unknown. */
const MAX_CHECKPOINTS = 38
const CHECKPOINT_CHARACTERS = 16

const NOTHING: RefreshHistory = {
  exchanges: [],
  keys: [],
  networks: [],
  checkpoints: { first: 0, hashes: [] },
}

/** Hash of a session's network for Redis, so that no address can be read from it. */
export function networkTag(sessionId: string, network: string | undefined): string {
  return network === undefined ? '' : sha256(`${sessionId} ${network}`).slice(0, TAG_CHARACTERS)
}

export function beginHistory(network: string): RefreshHistory {
  return { ...NOTHING, networks: seenAt([], network, 0) }
}

/** The history after the exchange of the token of `generation`. */
export function afterExchange(
  before: RefreshHistory,
  exchange: Exchange,
  generation: number,
): RefreshHistory {
  const recent = before.exchanges.filter(({ at }) => isRecent(at, exchange.at))
  const isSameKey = before.keys.at(-1)?.[1] === exchange.keyId
  return {
    ...before,
    exchanges: [...recent, exchange].slice(-MAX_EXCHANGES),
    keys: isSameKey ? before.keys : [...before.keys, [generation + 1, exchange.keyId]],
    networks: seenAt(before.networks, exchange.network, generation),
    checkpoints: withCheckpoint(before.checkpoints, exchange.hash, generation),
  }
}

/** True if a repetition of the exchange is still accepted from any network. */
export function isRecent(at: number, now: number): boolean {
  return now - at <= REFRESH_REPEAT_SECONDS
}

export function keyOfGeneration({ keys }: RefreshHistory, generation: number): string | undefined {
  return keys.findLast(([from]) => from <= generation)?.[1]
}

/** The first checkpoint at or after a generation. */
export function checkpointAfter(
  { checkpoints: { first, hashes } }: RefreshHistory,
  generation: number,
): { readonly generation: number; readonly isHash: (hash: string) => boolean } | undefined {
  const next = Math.ceil(generation / CHECKPOINT_INTERVAL) * CHECKPOINT_INTERVAL
  const kept = hashes[(next - first) / CHECKPOINT_INTERVAL]
  if (kept === undefined) return undefined
  return { generation: next, isHash: (hash) => equalSecrets(hash.slice(0, CHECKPOINT_CHARACTERS), kept) }
}

export function writeHistory(history: RefreshHistory): string {
  return writeRecord(history)
}

export function readHistory(text: string | undefined): RefreshHistory {
  if (text === undefined || text === '') return NOTHING
  // Histories of earlier versions have no checkpoints.
  return { ...NOTHING, ...(readRecord(text) as Partial<RefreshHistory>) }
}

function withCheckpoint({ first, hashes }: Checkpoints, hash: string, generation: number): Checkpoints {
  if (generation % CHECKPOINT_INTERVAL !== 0) return { first, hashes }
  const kept = hash.slice(0, CHECKPOINT_CHARACTERS)
  const isNext = generation === first + hashes.length * CHECKPOINT_INTERVAL
  if (!isNext) return { first: generation, hashes: [kept] }
  const dropped = Math.max(0, hashes.length + 1 - MAX_CHECKPOINTS)
  return { first: first + dropped * CHECKPOINT_INTERVAL, hashes: [...hashes, kept].slice(dropped) }
}

function seenAt(
  before: RefreshHistory['networks'],
  network: string,
  generation: number,
): RefreshHistory['networks'] {
  if (network === '') return before
  const others = before.filter(([known]) => known !== network)
  return [...others, [network, generation] as const].slice(-MAX_NETWORKS)
}
