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

/** A session's current refresh token, by hash, and the history of earlier ones. */
export interface RefreshTokenState {
  readonly hash: string
  readonly generation: number
  readonly history: RefreshHistory
}

export interface RefreshRequest {
  /** Tag of the client's network; empty if unknown. */
  readonly network: string
  /** The client proved a secret or key. A public client's id is known to everyone. */
  readonly hasProvenKey: boolean
  /** Seconds since 1970. */
  readonly now: number
}

export type Judgement =
  | { readonly is: 'current' }
  /** Exchanged before, and the client may not have received the response: `keyId` derives the same successor. */
  | { readonly is: 'repeated'; readonly keyId: string }
  /** Exchanged too long ago, or from another network: a stale copy, or an attacker. */
  | { readonly is: 'replayed' }
  /** The last exchanged token, from another network that exchanged earlier ones: two parties hold the tokens. */
  | { readonly is: 'contested' }
  /** Older, and from a network that never had a newer one: two parties hold the tokens. */
  | { readonly is: 'stolen' }
  /** Not a token of the session. */
  | { readonly is: 'unknown' }

/** Judges a refresh token of a session. Changes nothing. */
export function judgeRefreshToken(
  ring: KeyRing,
  token: RefreshToken,
  { state, request }: { readonly state: RefreshTokenState; readonly request: RefreshRequest },
): Judgement {
  const hash = sha256(writeRefreshToken(token))
  if (equalSecrets(hash, state.hash)) return { is: 'current' }
  const { exchanges } = state.history
  const exchange = exchanges.find((candidate) => equalSecrets(candidate.hash, hash))
  if (exchange !== undefined) {
    const isLast = exchange === exchanges.at(-1)
    const isRepetition =
      isRecent(exchange.at, request.now) || (isLast && isSameParty(request, exchange.network))
    if (isRepetition) return { is: 'repeated', keyId: exchange.keyId }
    if (isLast && hadEarlierToken(token, state, request)) return { is: 'contested' }
  } else if (!isAncestor(ring, token, state)) return { is: 'unknown' }
  return { is: isStolen(token, state, request) ? 'stolen' : 'replayed' }
}

/** True if a refresh token is, or once was, the session's. */
export function belongsToSession(ring: KeyRing, token: RefreshToken, state: RefreshTokenState): boolean {
  const hash = sha256(writeRefreshToken(token))
  return equalSecrets(hash, state.hash) || isAncestor(ring, token, state)
}

/** True if the token is the current one or one of the last exchanges. Derives nothing, so it is cheap. */
export function isKnownToken(token: RefreshToken, { hash, history }: RefreshTokenState): boolean {
  const own = sha256(writeRefreshToken(token))
  return [hash, ...history.exchanges.map((exchange) => exchange.hash)].some((known) =>
    equalSecrets(own, known),
  )
}

function isSameParty(request: RefreshRequest, network: string): boolean {
  return request.hasProvenKey || (network !== '' && request.network === network)
}

/**
 * True if the token leads to the session's next checkpoint or current token: each token is derived from the one
 * before. Derives at most {@link CHECKPOINT_INTERVAL} tokens, whatever generation an attacker writes, and proves the
 * share too.
 */
function isAncestor(ring: KeyRing, token: RefreshToken, state: RefreshTokenState): boolean {
  const { history } = state
  const goal = checkpointAfter(history, token.generation) ?? currentOf(state)
  if (goal.generation - token.generation > CHECKPOINT_INTERVAL) return false
  const successor = succession(ring)
  let derived: RefreshToken | undefined = token
  while (derived !== undefined && derived.generation < goal.generation) {
    derived = successor(derived, keyOfGeneration(history, derived.generation + 1) ?? '')
  }
  return derived?.generation === goal.generation && goal.isHash(sha256(writeRefreshToken(derived)))
}

function currentOf({ hash, generation }: RefreshTokenState) {
  return { generation, isHash: (other: string) => equalSecrets(other, hash) }
}

/** True if an older token of the session was exchanged from the request's network. */
function hadEarlierToken(
  token: RefreshToken,
  { history }: RefreshTokenState,
  { network }: RefreshRequest,
): boolean {
  return history.networks.some(([known, generation]) => known === network && generation < token.generation)
}

/** At least two generations old: the successor of the second-last token may just have been lost. */
function isStolen(
  token: RefreshToken,
  { generation, history }: RefreshTokenState,
  request: RefreshRequest,
): boolean {
  if (request.hasProvenKey || request.network === '' || history.networks.length === 0) return false
  const [, lastThere = -1] = history.networks.find(([network]) => network === request.network) ?? []
  return token.generation <= generation - 2 && lastThere < token.generation
}
