import { equalSecrets, sha256 } from '../../core/keys/hash.ts'
import { REFRESH_REPEAT_SECONDS } from '../lifetimes.ts'

/** One exchange of a refresh token for its successor. */
interface Exchange {
  /** Hash of the token that was given up. */
  readonly hash: string
  /** Seconds since 1970. */
  readonly at: number
  /** Tag of the network that it came from; empty where that is unknown. */
  readonly network: string
  /** Of the sealing key that its successor was derived with. */
  readonly keyId: string
}

/** What is remembered of a session's earlier refresh tokens: enough to tell a lost answer from a theft. */
export interface RefreshHistory {
  /** The last exchange, and those of the last two minutes; the newest comes last. */
  readonly exchanges: readonly Exchange[]
  /** From which generation on tokens were derived with which key. */
  readonly keys: readonly (readonly [generation: number, keyId: string])[]
  /** By network, the generation that was last exchanged from there (0 for the code); the newest comes last. */
  readonly networks: readonly (readonly [network: string, generation: number])[]
  /** Of every {@link CHECKPOINT_INTERVAL}th token, oldest first: an older one is shown to lead to it, not to today. */
  readonly checkpoints: Checkpoints
}

interface Checkpoints {
  /** Generation of the first; 0 where there is none yet. */
  readonly first: number
  /** The beginning of each token's hash: 96 bits, which only its predecessors lead to. */
  readonly hashes: readonly string[]
}

/** Whoever exchanges more often than that within two minutes has no use for the older ones. */
const MOST_EXCHANGES = 50
const MOST_NETWORKS = 8
const TAG_CHARACTERS = 22

/** Generations between two checkpoints, and so the most that are derived to find out about one token. */
export const CHECKPOINT_INTERVAL = 64
/** A hundred days of a refresh each hour. Tokens from before are not told from made-up ones. */
const MAX_CHECKPOINTS = 38
const CHECKPOINT_CHARACTERS = 16

const NOTHING: RefreshHistory = {
  exchanges: [],
  keys: [],
  networks: [],
  checkpoints: { first: 0, hashes: [] },
}

/** Where a session's tokens come from, as the store may know it: no address can be read from it. */
export function networkTag(sessionId: string, network: string | undefined): string {
  return network === undefined ? '' : sha256(`${sessionId} ${network}`).slice(0, TAG_CHARACTERS)
}

/** The history of a session that a code has just opened. */
export function beginHistory(network: string): RefreshHistory {
  return { ...NOTHING, networks: seenAt([], network, 0) }
}

/** The history once the current token, of `generation`, has given way to its successor. */
export function afterExchange(
  before: RefreshHistory,
  exchange: Exchange,
  generation: number,
): RefreshHistory {
  const recent = before.exchanges.filter(({ at }) => isRecent(at, exchange.at))
  const isSameKey = before.keys.at(-1)?.[1] === exchange.keyId
  return {
    exchanges: [...recent, exchange].slice(-MOST_EXCHANGES),
    keys: isSameKey ? before.keys : [...before.keys, [generation + 1, exchange.keyId]],
    networks: seenAt(before.networks, exchange.network, generation),
    checkpoints: withCheckpoint(before.checkpoints, exchange.hash, generation),
  }
}

/** Whether an exchange was so short a time ago that its repetition always counts. */
export function isRecent(at: number, now: number): boolean {
  return now - at <= REFRESH_REPEAT_SECONDS
}

/** The key that the token of a generation was derived with. */
export function keyOfGeneration({ keys }: RefreshHistory, generation: number): string | undefined {
  return keys.findLast(([from]) => from <= generation)?.[1]
}

/** What is kept of the first checkpoint's hash from a generation on; undefined where there is none to lead to. */
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
  return JSON.stringify(history)
}

/** Reads what {@link writeHistory} wrote; nothing is remembered where there is none. */
export function readHistory(text: string | undefined): RefreshHistory {
  if (text === undefined || text === '') return NOTHING
  // One that was written before there were checkpoints gets them from here on.
  return { ...NOTHING, ...(JSON.parse(text) as Partial<RefreshHistory>) }
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
  return [...others, [network, generation] as const].slice(-MOST_NETWORKS)
}
