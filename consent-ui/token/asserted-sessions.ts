import type { Audit } from '../../core/audit/audit-entry.ts'
import { randomSecret } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { accessAt } from '../../core/services/granted-access.ts'
import { audienceOf } from '../../core/services/service.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session, SessionFacts } from '../../core/sessions/session.ts'
import { aboutSession } from '../audit/about-session.ts'
import type { Client } from '../clients/client.ts'
import type { AssertedGrant } from '../enterprise/asserted-grant.ts'
import type { AssertedUser } from '../enterprise/asserted-user.ts'
import type { EnterpriseClient } from '../enterprise/enterprise-clients.ts'
import type { AssertedIdentity } from '../enterprise/identity-assertion.ts'
import { UNUSED_MARGIN_SECONDS } from '../lifetimes.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { UnusedCredentials } from '../quilt/unused-credentials.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import type { AssertedConnections } from '../store/asserted-connections.ts'
import { namesOfUser, quiltUser } from '../store/link-store.ts'
import type { PersonSessions } from '../store/person-sessions.ts'
import type { SessionLists } from '../store/session-lists.ts'
import { sealSession } from './sealed-session.ts'
import type { TokenResponse, TokenResponses } from './token-responses.ts'

interface AssertedSessionsDependencies {
  readonly ring: KeyRing
  /** Of the Connect host. */
  readonly origin: string
  readonly registryUrl: URL
  readonly accessTokenSeconds: number
  readonly sessions: SessionStore
  readonly personSessions: PersonSessions
  readonly sessionLists: SessionLists
  readonly assertedConnections: AssertedConnections
  readonly ender: SessionEnder
  readonly unused: UnusedCredentials
  readonly logouts: Logouts
  readonly tokenResponses: TokenResponses
  readonly metrics: ConsentUiMetrics
  readonly audit: Audit
  readonly now: () => number
}

/** An accepted assertion: who asks, for what, and whose credential. */
interface Accepted {
  readonly assertion: AssertedIdentity
  readonly client: Client
  readonly allowed: EnterpriseClient
  readonly granted: AssertedGrant
  readonly user: AssertedUser
}

/** Sessions of identity assertions. They have no refresh token, so they live as long as their access token. */
export class AssertedSessions {
  readonly #dependencies: AssertedSessionsDependencies

  constructor(dependencies: AssertedSessionsDependencies) {
    this.#dependencies = dependencies
  }

  /** Opens a session in place of earlier ones of the same user, client and resource. @throws OAuthError */
  async open(accepted: Accepted): Promise<TokenResponse> {
    const { logouts, tokenResponses, metrics, audit } = this.#dependencies
    const {
      assertion,
      granted,
      user: { credential },
    } = accepted
    const share = randomSecret()
    try {
      const session = await this.#write(accepted, share)
      metrics.sessionOpened(granted.service.name, session.access)
      const details = { expiresAt: session.expiresAt, how: 'identity assertion' }
      audit.record({ name: 'SessionOpened', by: 'client', details, ...aboutSession(session) })
      await this.#replaceEarlier(session)
      await this.#endIfRevoked(session, assertion)
      return await tokenResponses.tokenResponse(session, { share, credential })
    } catch (error) {
      logouts.begin(credential.token)
      throw error
    }
  }

  /** Listed before it is opened, so that its user and the operator can always find and end it. */
  async #write(accepted: Accepted, share: string): Promise<Session> {
    const { ring, sessions, sessionLists, unused, now } = this.#dependencies
    const { credential } = accepted.user
    const facts = this.#facts(accepted)
    const seconds = facts.expiresAt - now()
    // Written so that NaN is refused too.
    if (!(seconds > 0)) throw refused('the Quilt credential of this user has expired')
    const { session } = sealSession(ring, facts, { share, credential })
    await sessionLists.enter(session)
    await sessions.openWithoutCode(session, seconds)
    unused.watch({
      token: credential.token,
      seconds: seconds + UNUSED_MARGIN_SECONDS,
      isInUse: async () => (await sessions.find(session.id)) !== undefined,
    })
    return session
  }

  #facts({ client, allowed, granted: { service, scope }, user }: Accepted): SessionFacts {
    const { origin, accessTokenSeconds, now } = this.#dependencies
    return {
      id: randomSecret(),
      person: user.person,
      clientId: client.id,
      clientName: client.name,
      resource: audienceOf(origin, service),
      scope,
      access: accessAt(service, allowed.access),
      redirectUri: allowed.redirectUri,
      approvedBy: 'identity_provider',
      createdAt: now(),
      expiresAt: Math.min(now() + accessTokenSeconds, user.credential.expiresAt),
      // The Registry has just confirmed the user.
      checkedAt: now(),
    }
  }

  async #replaceEarlier(session: Session): Promise<void> {
    const { sessions, sessionLists, assertedConnections } = this.#dependencies
    const user = this.#userOf(session)
    const earlier = await assertedConnections.replace({ user, ...session }, session.id)
    if (earlier === undefined) return
    const found = await sessions.find(earlier)
    if (found !== undefined && isSameConnection(found, session)) await this.#endReplaced(found)
    // Otherwise the lists would grow by one entry an hour.
    await sessionLists.leave(session.person, earlier)
  }

  async #endReplaced(session: Session): Promise<void> {
    const reason = 'replaced by a session of a newer identity assertion'
    const entry = { name: 'SessionEnded', reason, ...aboutSession(session) } as const
    await this.#dependencies.ender.end(session.id, 'replaced', entry)
  }

  /** An assertion from before a revocation must not undo it. Once open, the session is in the user's list. */
  async #endIfRevoked(session: Session, { issuedAt }: AssertedIdentity): Promise<void> {
    const { personSessions, registryUrl, ender, now } = this.#dependencies
    const names = namesOfUser(registryUrl.origin, session.person)
    const marked = names.map((name) => personSessions.revokedAt(name, now()))
    const revokedAt = (await Promise.all(marked)).filter((at) => at !== undefined)
    if (revokedAt.every((at) => issuedAt > at)) return
    await ender.endForReason(session, 'user_revoked', 'its assertion is from before its user revoked access')
    throw refused('the user revoked access after it was issued')
  }

  #userOf({ person: { name } }: Session): string {
    return quiltUser({ registry: this.#dependencies.registryUrl.origin, name })
  }
}

/** The record decides: what Redis says beside it may have been tampered with. */
function isSameConnection(one: Session, other: Session): boolean {
  return (
    one.approvedBy === 'identity_provider' &&
    one.person.name === other.person.name &&
    one.clientId === other.clientId &&
    one.resource === other.resource
  )
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_grant', `assertion refused: ${description}`)
}
