import { sha256 } from '../../core/keys/hash.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import type { Session } from '../../core/sessions/session.ts'
import { OAuthError } from '../oauth/errors.ts'
import {
  judgeRefreshToken,
  type Evidence,
  type Judgement,
  type Standing,
} from '../oauth/judge-refresh-token.ts'
import { afterExchange, networkTag, readHistory, writeHistory } from '../oauth/refresh-history.ts'
import { successorOf, writeRefreshToken, type RefreshToken } from '../oauth/refresh-token.ts'
import type { Caller } from './caller.ts'
import { logOutCredential } from '../sessions/log-out-credential.ts'
import type { GrantParts } from './token-response.ts'

/** A refresh token of a session, and who shows it. */
export interface Shown {
  readonly presented: RefreshToken
  readonly session: Session
  readonly caller: Caller
}

/** One that counts: it may be exchanged, or was exchanged before and its successor is given again. */
export type Good = Extract<Judgement, { is: 'current' | 'repeated' }>

/** Exchanges refresh tokens for their successors, and deals with those that were exchanged before. */
export function refreshTokenExchange(parts: GrantParts) {
  /**
   * Changes nothing while the token counts.
   *
   * @throws OAuthError `invalid_grant` for one that does not; where it must have been stolen, its session has ended
   */
  async function examine(shown: Shown): Promise<Good> {
    const standing = await standingOf(shown.session.id)
    return standing === undefined ? refuse() : await judge(shown, standing)
  }

  /** @throws as {@link examine} */
  async function exchange(shown: Shown): Promise<RefreshToken> {
    const standing = await standingOf(shown.session.id)
    if (standing === undefined) return refuse()
    const judgement = await judge(shown, standing)
    if (judgement.is === 'repeated') return derived(shown.presented, judgement.keyId)
    const rotated = await rotate(shown, standing)
    // Somebody was faster, by a moment: what the token is now is judged anew, and current it is not.
    return rotated ?? (await exchange(shown))
  }

  async function standingOf(sessionId: string): Promise<Standing | undefined> {
    const state = await parts.sessions.findRefresh(sessionId)
    return state === undefined ? undefined : { ...state, history: readHistory(state.history) }
  }

  async function judge(shown: Shown, standing: Standing): Promise<Good> {
    const evidence = evidenceOf(shown)
    const judgement = judgeRefreshToken(parts.ring, shown.presented, { standing, evidence })
    switch (judgement.is) {
      case 'current':
      case 'repeated':
        return judgement
      case 'replayed':
        parts.alarms.raise('refresh_token', shown.session)
        return refuse()
      case 'contested':
        await parts.contested.mark(shown.session, parts.now())
        parts.alarms.raise('contested_refresh_token', shown.session)
        return refuse()
      case 'stolen':
        await endStolen(shown)
        return refuse()
      case 'unknown':
        return refuse()
    }
  }

  function evidenceOf({ session, caller }: Shown): Evidence {
    return {
      network: networkTag(session.id, caller.network),
      hasProvenKey: caller.hasProvenKey,
      now: parts.now(),
    }
  }

  async function endStolen({ session, presented }: Shown): Promise<void> {
    await parts.ender.end(session.id)
    parts.alarms.raise('stolen_refresh_token', session)
    logOutCredential(parts, session, presented.share)
  }

  /** Undefined when the token is not the current one any more. */
  async function rotate(shown: Shown, standing: Standing): Promise<RefreshToken | undefined> {
    const { presented, session } = shown
    const keyId = parts.ring.current.id
    const successor = derived(presented, keyId)
    const { network, now } = evidenceOf(shown)
    const given = { hash: standing.hash, at: now, network, keyId }
    const rotation = await parts.sessions.rotate(
      { sessionId: session.id, hash: standing.hash },
      {
        refresh: {
          hash: sha256(writeRefreshToken(successor)),
          generation: successor.generation,
          keyId,
          history: writeHistory(afterExchange(standing.history, given, presented.generation)),
        },
        idleSeconds: Math.min(parts.lifetimes.idleSeconds, session.expiresAt - now),
      },
    )
    if (rotation === 'gone') return refuse()
    return rotation === 'rotated' ? successor : undefined
  }

  /** @throws MissingKeyError */
  function derived(presented: RefreshToken, keyId: string): RefreshToken {
    const successor = successorOf(parts.ring, presented, keyId)
    if (successor === undefined) throw new MissingKeyError(keyId)
    return successor
  }

  return { examine, exchange }
}

/** One text for every fault: which check failed is nobody's business. */
export function refuse(): never {
  throw new OAuthError('invalid_grant', 'the refresh token is unknown, used, expired or revoked')
}
