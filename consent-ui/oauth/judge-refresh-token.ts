import { equalSecrets, sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import {
  CHECKPOINT_INTERVAL,
  checkpointAfter,
  isRecent,
  keyOfGeneration,
  type RefreshHistory,
} from './refresh-history.ts'
import { succession, writeRefreshToken, type RefreshToken } from './refresh-token.ts'

/** A session's current refresh token, and what is remembered of those before it. */
export interface Standing {
  readonly hash: string
  readonly generation: number
  readonly history: RefreshHistory
}

/** What speaks for whoever shows a refresh token, beside the token. */
export interface Evidence {
  /** Tag of their network; empty where it is unknown. */
  readonly network: string
  /** They have proven a confidential client's key. A public client's id is known to everybody. */
  readonly hasProvenKey: boolean
  /** Seconds since 1970. */
  readonly now: number
}

/** What a refresh token turns out to be. */
export type Judgement =
  | { readonly is: 'current' }
  /** It was exchanged before and its owner may not have heard: `keyId` derives the same successor again. */
  | { readonly is: 'repeated'; readonly keyId: string }
  /** It was exchanged before, too long ago or from elsewhere: a copy that went stale, or somebody else's. */
  | { readonly is: 'replayed' }
  /**
   * It is the last one that was exchanged, from another network, and comes from a network that had earlier ones:
   * two parties hold the session's tokens, and this server cannot tell which of them is the owner.
   */
  | { readonly is: 'contested' }
  /** It is older still, and comes from where nobody has had a newer one: two parties hold the session's tokens. */
  | { readonly is: 'stolen' }
  /** It is none of the session's. */
  | { readonly is: 'unknown' }

/** Tells which token of a session this is, and whether it still counts. A rule: it changes nothing. */
export function judgeRefreshToken(
  ring: KeyRing,
  presented: RefreshToken,
  { standing, evidence }: { readonly standing: Standing; readonly evidence: Evidence },
): Judgement {
  const hash = sha256(writeRefreshToken(presented))
  if (equalSecrets(hash, standing.hash)) return { is: 'current' }
  const { exchanges } = standing.history
  const exchange = exchanges.find((candidate) => equalSecrets(candidate.hash, hash))
  if (exchange !== undefined) {
    const isLast = exchange === exchanges.at(-1)
    const isOwners = isRecent(exchange.at, evidence.now) || (isLast && speaksFor(evidence, exchange.network))
    if (isOwners) return { is: 'repeated', keyId: exchange.keyId }
    if (isLast && hadEarlier(presented, standing, evidence)) return { is: 'contested' }
  } else if (!isAncestor(ring, presented, standing)) return { is: 'unknown' }
  return { is: isStolen(presented, standing, evidence) ? 'stolen' : 'replayed' }
}

/** Whether a refresh token is or was one of its session's. */
export function belongsToSession(ring: KeyRing, presented: RefreshToken, standing: Standing): boolean {
  const hash = sha256(writeRefreshToken(presented))
  return equalSecrets(hash, standing.hash) || isAncestor(ring, presented, standing)
}

/** Whether the store knows it as it is: the current one, or one of the last exchanges. Nothing is derived. */
export function isKnownToken(presented: RefreshToken, { hash, history }: Standing): boolean {
  const own = sha256(writeRefreshToken(presented))
  return [hash, ...history.exchanges.map((exchange) => exchange.hash)].some((known) =>
    equalSecrets(own, known),
  )
}

function speaksFor(evidence: Evidence, network: string): boolean {
  return evidence.hasProvenKey || (network !== '' && evidence.network === network)
}

/**
 * A session's tokens descend from each other, so one that leads to its current token, or to one of which a hash was
 * kept, was its session's. At most {@link CHECKPOINT_INTERVAL} are derived, whatever generation a forger writes. It
 * proves the share too, which each of them carries.
 */
function isAncestor(ring: KeyRing, presented: RefreshToken, standing: Standing): boolean {
  const { history } = standing
  const goal = checkpointAfter(history, presented.generation) ?? currentOf(standing)
  if (goal.generation - presented.generation > CHECKPOINT_INTERVAL) return false
  const successor = succession(ring)
  let token: RefreshToken | undefined = presented
  while (token !== undefined && token.generation < goal.generation) {
    token = successor(token, keyOfGeneration(history, token.generation + 1) ?? '')
  }
  return token?.generation === goal.generation && goal.isHash(sha256(writeRefreshToken(token)))
}

function currentOf({ hash, generation }: Standing) {
  return { generation, isHash: (other: string) => equalSecrets(other, hash) }
}

/** True if an older token of the session was exchanged from the caller's network. */
function hadEarlier(presented: RefreshToken, { history }: Standing, { network }: Evidence): boolean {
  return history.networks.some(
    ([known, generation]) => known === network && generation < presented.generation,
  )
}

/** Two generations back at least: of the one before the last, the successor may have been lost on the way. */
function isStolen(presented: RefreshToken, { generation, history }: Standing, evidence: Evidence): boolean {
  if (evidence.hasProvenKey || evidence.network === '' || history.networks.length === 0) return false
  const [, lastThere = -1] = history.networks.find(([network]) => network === evidence.network) ?? []
  return presented.generation <= generation - 2 && lastThere < presented.generation
}
