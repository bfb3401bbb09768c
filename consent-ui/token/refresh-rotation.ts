import type { Notices } from '../notices/notices.ts'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import { aboutSession } from '../audit/about-session.ts'
import type { Replay, ReplayAlarms } from '../metrics/replay-alarms.ts'
import {
  judgeRefreshToken,
  type Judgement,
  type RefreshRequest,
  type RefreshTokenState,
} from '../oauth/judge-refresh-token.ts'
import { afterExchange, networkTag, readHistory, writeHistory } from '../oauth/refresh-history.ts'
import { successorOf, writeRefreshToken, type RefreshToken } from '../oauth/refresh-token.ts'
import { logOutCredential, type LogOutDependencies } from '../sessions/log-out-credential.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import type { ContestedSessions } from '../store/contested-sessions.ts'
import type { EndedSessions } from '../store/ended-sessions.ts'
import type { RequestingClient } from './client-request.ts'
import { invalidRefreshToken } from './require-grant.ts'

interface RefreshTokensDependencies extends LogOutDependencies {
  readonly ring: KeyRing
  readonly sessions: SessionStore
  readonly contested: ContestedSessions
  readonly endedSessions: EndedSessions
  readonly ender: SessionEnder
  readonly lifetimes: SessionLifetimes
  readonly notices: Notices
  readonly alarms: ReplayAlarms
  readonly audit: Audit
}

/** A refresh token of a session, and the client that sent it. */
interface SentToken {
  readonly token: RefreshToken
  readonly session: Session
  readonly client: RequestingClient
}

/** The current token, or an earlier one whose successor is issued again. */
type Accepted = Extract<Judgement, { is: 'current' | 'repeated' }>

/** Exchanges refresh tokens for their successors and reacts to replayed ones. */
export class RefreshTokens {
  readonly #dependencies: RefreshTokensDependencies

  constructor(dependencies: RefreshTokensDependencies) {
    this.#dependencies = dependencies
  }

  /** Checks without exchanging. @throws OAuthError `invalid_grant`; a stolen token has ended its session then */
  async requireAccepted(sent: SentToken): Promise<void> {
    await this.#judge(sent, await this.#stateOf(sent.session.id))
  }

  /** @throws as {@link requireAccepted} */
  async exchange(sent: SentToken): Promise<RefreshToken> {
    const state = await this.#stateOf(sent.session.id)
    const judgement = await this.#judge(sent, state)
    if (judgement.is === 'repeated') return this.#successor(sent.token, judgement.keyId)
    const successor = await this.#rotate(sent, state)
    // A parallel request was faster: judge the token again, which is not the current one now.
    return successor ?? (await this.exchange(sent))
  }

  async #stateOf(sessionId: string): Promise<RefreshTokenState> {
    const state = await this.#dependencies.sessions.findRefresh(sessionId)
    if (state === undefined) throw invalidRefreshToken()
    return { ...state, history: readHistory(state.history) }
  }

  async #judge(sent: SentToken, state: RefreshTokenState): Promise<Accepted> {
    const { ring, contested, now } = this.#dependencies
    const { token, session } = sent
    const judgement = judgeRefreshToken(ring, token, { state, request: this.#requestOf(sent) })
    switch (judgement.is) {
      case 'current':
      case 'repeated':
        return judgement
      case 'replayed':
        this.#alarm('refresh_token', session)
        throw invalidRefreshToken()
      case 'contested':
        await contested.mark(session, now())
        this.#alarm('contested_refresh_token', session)
        throw invalidRefreshToken()
      case 'stolen':
        await this.#endStolen(sent)
        throw invalidRefreshToken()
      case 'unknown':
        throw invalidRefreshToken()
    }
  }

  #requestOf({ session, client }: SentToken): RefreshRequest {
    return {
      network: networkTag(session.id, client.network),
      hasProvenKey: client.hasProvenKey,
      now: this.#dependencies.now(),
    }
  }

  async #endStolen({ session, token }: SentToken): Promise<void> {
    // First: the alarm and the notice must come also if Redis fails now.
    this.#alarm('stolen_refresh_token', session)
    await this.#dependencies.ender.end(session.id, 'refresh_token_stolen', 'recorded')
    logOutCredential(this.#dependencies, session, token.share)
  }

  #alarm(replay: Replay, session: Session): void {
    const { notices, alarms, audit } = this.#dependencies
    alarms.raise(replay, session)
    notices.replayed(session)
    const replayed = { name: 'TokenReplayed', isSuccess: false, reason: replay, by: 'client' } as const
    audit.record({ ...replayed, ...aboutSession(session) })
  }

  /** @returns undefined if the token is not the current one any more */
  async #rotate(sent: SentToken, state: RefreshTokenState): Promise<RefreshToken | undefined> {
    const { ring, sessions, endedSessions, lifetimes } = this.#dependencies
    const { token, session } = sent
    const keyId = ring.current.id
    const successor = this.#successor(token, keyId)
    const { network, now } = this.#requestOf(sent)
    const exchange = { hash: state.hash, at: now, network, keyId }
    const idleSeconds = Math.min(lifetimes.idleSeconds, session.expiresAt - now)
    const rotation = await sessions.rotate(
      { sessionId: session.id, hash: state.hash },
      {
        refresh: {
          hash: sha256(writeRefreshToken(successor)),
          generation: successor.generation,
          keyId,
          history: writeHistory(afterExchange(state.history, exchange, token.generation)),
        },
        idleSeconds,
      },
    )
    if (rotation === 'gone') throw invalidRefreshToken()
    if (rotation === 'changed') return undefined
    await endedSessions.used(session, now + idleSeconds)
    return successor
  }

  /** @throws MissingKeyError */
  #successor(token: RefreshToken, keyId: string): RefreshToken {
    const successor = successorOf(this.#dependencies.ring, token, keyId)
    if (successor === undefined) throw new MissingKeyError(keyId)
    return successor
  }
}
