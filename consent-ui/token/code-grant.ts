import type { Notices } from '../notices/notices.ts'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { audienceOf, serviceNamed, type Service } from '../../core/services/service.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session, SessionFacts } from '../../core/sessions/session.ts'
import { aboutSession } from '../audit/about-session.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import { CODE_RESENT_SECONDS, CODE_SECONDS, USED_CODE_SECONDS } from '../lifetimes.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import type { ReplayAlarms } from '../metrics/replay-alarms.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { verifies } from '../oauth/pkce.ts'
import { beginHistory, networkTag, writeHistory } from '../oauth/refresh-history.ts'
import { firstRefreshToken, writeRefreshToken } from '../oauth/refresh-token.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import {
  usedMarker,
  type Approval,
  type CodeStore,
  type IssuedCode,
  type KnownCode,
  type UsedCode,
} from '../store/code-store.ts'
import type { ContestedSessions } from '../store/contested-sessions.ts'
import type { EndedSessions } from '../store/ended-sessions.ts'
import { revocationMarkers } from '../store/revocation-markers.ts'
import { sessionsOpenedBy, sessionsOpenedFrom, type ProviderSessions } from '../store/provider-sessions.ts'
import type { LogoutEndsSessions } from '../provider/identity-provider.ts'
import type { PersonSessions } from '../store/person-sessions.ts'
import type { SessionLists } from '../store/session-lists.ts'
import type { RequestingClient } from './client-request.ts'
import { invalidCode } from './require-grant.ts'
import { sealSession } from './sealed-session.ts'
import type { TokenResponse, TokenResponses } from './token-responses.ts'

interface CodeGrantDependencies {
  readonly ring: KeyRing
  /** Of the Connect host, where the audiences of tokens are. */
  readonly origin: string
  readonly registryUrl: URL
  readonly services: readonly Service[]
  readonly serviceOf: ResourceLookup
  readonly lifetimes: SessionLifetimes
  readonly codes: CodeStore
  readonly sessions: SessionStore
  readonly personSessions: PersonSessions
  readonly sessionLists: SessionLists
  readonly providerSessions: ProviderSessions
  readonly logoutEndsSessions: LogoutEndsSessions
  readonly contested: ContestedSessions
  readonly endedSessions: EndedSessions
  readonly ender: SessionEnder
  readonly tokenResponses: TokenResponses
  readonly notices: Notices
  readonly alarms: ReplayAlarms
  readonly metrics: ConsentUiMetrics
  readonly audit: Audit
  readonly now: () => number
}

interface NewSession {
  readonly session: Session
  readonly approval: Approval
}

/** `grant_type=authorization_code`: checks everything before it uses up the code, so a failed attempt costs nothing. */
export class CodeGrant {
  readonly #dependencies: CodeGrantDependencies

  constructor(dependencies: CodeGrantDependencies) {
    this.#dependencies = dependencies
  }

  async redeemCode(parameters: Parameters, client: RequestingClient): Promise<TokenResponse> {
    const { codes, now } = this.#dependencies
    const code = await codes.find(required(parameters, 'code'))
    if (code === undefined) throw invalidCode()
    this.#requireApproved(parameters, client.clientId, code)
    if (code.state === 'used') {
      await this.#endIfReplayed(code)
      throw invalidCode()
    }
    // Our clock decides: a restored Redis may bring back expired codes.
    if (code.approval.approvedAt + CODE_SECONDS <= now()) throw invalidCode()
    return await this.#openSession(code, client)
  }

  async #openSession(code: IssuedCode, client: RequestingClient): Promise<TokenResponse> {
    const { ring, sessions, sessionLists, lifetimes, tokenResponses, now } = this.#dependencies
    const { approval, credential, hash, record } = code
    const share = randomSecret()
    const sealed = sealSession(ring, this.#newSession(code), {
      share,
      credential,
      renewWith: credential.renewWith,
    })
    const { session } = sealed
    const end = Math.min(session.expiresAt, credential.expiresAt)
    // Written so that NaN is refused too.
    if (!(end > now())) throw invalidCode()
    const refreshToken = firstRefreshToken(session.id, share)
    await sessionLists.enter(session, this.#providerLists(approval))
    await this.#endContested(session)
    const idleSeconds = Math.min(lifetimes.idleSeconds, session.expiresAt - now())
    const isOpened = await sessions.openSession(
      { hash, record, usedMarker: usedMarker(code, now()), usedSeconds: USED_CODE_SECONDS },
      {
        ...sealed,
        refresh: {
          hash: sha256(writeRefreshToken(refreshToken)),
          generation: refreshToken.generation,
          keyId: ring.current.id,
          history: writeHistory(beginHistory(networkTag(session.id, client.network))),
        },
        idleSeconds,
        ...(approval.openedFrom === undefined ? {} : { openedFrom: JSON.stringify(approval.openedFrom) }),
      },
    )
    if (!isOpened) throw invalidCode()
    this.#dependencies.metrics.sessionOpened(approval.service, approval.access)
    const details = { expiresAt: session.expiresAt }
    this.#dependencies.audit.record({
      name: 'SessionOpened',
      by: 'client',
      details,
      ...aboutSession(session),
    })
    await this.#dependencies.endedSessions.opened(session, now() + idleSeconds)
    await this.#endIfRevoked({ session, approval })
    await this.#endIfSignedOut({ session, approval })
    this.#dependencies.notices.opened(session)
    return await tokenResponses.tokenResponse(session, { share, refreshToken, credential })
  }

  #requireApproved(parameters: Parameters, clientId: string, { approval }: KnownCode): void {
    const isSameClient = approval.clientId === clientId
    const redirectUri = parameters.get('redirect_uri')
    // Optional in OAuth 2.1 (draft, section 10.2): the verifier already binds the code to its request.
    const isSameUri = redirectUri === undefined || redirectUri === approval.redirectUri
    const isVerified = verifies(required(parameters, 'code_verifier'), approval.codeChallenge)
    if (!isSameClient || !isSameUri || !isVerified) throw invalidCode()
    const resource = parameters.get('resource')
    if (resource !== undefined && this.#dependencies.serviceOf(resource).name !== approval.service) {
      throw new OAuthError('invalid_target', 'resource is not the one that was approved')
    }
  }

  /** Ends the session of a code used twice with its verifier (RFC 6749 section 4.1.2), unless it is a quick retry. */
  async #endIfReplayed({ approval, usedAt }: UsedCode): Promise<void> {
    const { sessions, ender, notices, alarms, audit, now } = this.#dependencies
    if (now() - usedAt <= CODE_RESENT_SECONDS) return
    const session = await sessions.find(approval.sessionId)
    if (session === undefined) return
    // First: the alarm and the notice must come also if Redis fails now.
    alarms.raise('code', approval)
    notices.replayed(session)
    const replayed = { name: 'TokenReplayed', isSuccess: false, reason: 'code', by: 'client' } as const
    audit.record({ ...replayed, ...aboutSession(session) })
    await ender.end(approval.sessionId, 'code_replayed', 'recorded')
  }

  /** The lists by which a logout at the identity provider finds the session. */
  #providerLists({ signIn }: Approval): string[] {
    if (signIn === undefined || this.#dependencies.logoutEndsSessions === 'off') return []
    const { issuer, subject, sid } = signIn
    const ofSession = sid === undefined ? [] : [sessionsOpenedFrom({ issuer, sid })]
    return [sessionsOpenedBy({ issuer, subject }), ...ofSession]
  }

  /** The user has approved again, so sessions whose tokens two parties hold are of use only to an attacker. */
  async #endContested(session: Session): Promise<void> {
    const { contested, ender } = this.#dependencies
    for (const one of await contested.of(session)) {
      await ender.endForReason(
        one,
        'refresh_token_contested',
        'its refresh token was used from two networks, and its user has approved again',
      )
    }
  }

  /** Ends the session if the identity provider has signed its user out since the approval. */
  async #endIfSignedOut({ session, approval }: NewSession): Promise<void> {
    const { providerSessions, logoutEndsSessions, ender } = this.#dependencies
    if (logoutEndsSessions === 'off' || approval.signIn === undefined) return
    if (!(await providerSessions.isLoggedOut(approval.signIn))) return
    await ender.endForReason(session, 'signed_out', 'its user was signed out before the code was redeemed')
    throw invalidCode()
  }

  /** Ends the session if its user has revoked something since. Once the session is open, it is in the user's list. */
  async #endIfRevoked({ session, approval }: NewSession): Promise<void> {
    const { personSessions, registryUrl, ender } = this.#dependencies
    const markers = await revocationMarkers(personSessions, registryUrl.origin, approval.person)
    const known = approval.takenBack?.split(' ') ?? []
    if (markers.every((marker) => known.includes(marker))) return
    await ender.endForReason(session, 'user_revoked', 'its user revoked access before the code was redeemed')
    throw invalidCode()
  }

  #newSession({ approval, credential }: IssuedCode): SessionFacts {
    const { origin, services, now } = this.#dependencies
    const isRenewed = credential.renewWith !== undefined
    return {
      id: approval.sessionId,
      person: approval.person,
      clientId: approval.clientId,
      clientName: approval.clientName,
      resource: audienceOf(origin, serviceNamed(services, approval.service)),
      scope: approval.scope,
      access: approval.access,
      redirectUri: approval.redirectUri,
      createdAt: now(),
      expiresAt: isRenewed ? approval.endsAt : Math.min(approval.endsAt, credential.expiresAt),
      // The Registry confirmed the user before the code was issued.
      checkedAt: approval.approvedAt,
    }
  }
}
