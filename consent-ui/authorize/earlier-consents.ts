import { audienceOf, serviceNamed } from '../../core/services/service.ts'
import { accessOf, type Session } from '../../core/sessions/session.ts'
import type { Service } from '../../core/services/service.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import type { Grant } from '../consent/offer.ts'
import { leadsToWebsite } from '../consent/skip-consent.ts'
import { MIN_SKIP_CONSENT_SECONDS } from '../lifetimes.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { Approvals } from '../store/approvals.ts'
import type { ConsentRequest, ConsentStore, GivenConsent } from '../store/consent-store.ts'
import { quiltAddress, type LinkStore } from '../store/link-store.ts'
import type { PersonSessions } from '../store/person-sessions.ts'
import type { Transaction } from '../store/transaction-store.ts'

interface EarlierConsentsDependencies {
  /** Of the Connect host, where the audiences of tokens are. */
  readonly origin: string
  readonly services: readonly Service[]
  readonly lifetimes: SessionLifetimes
  readonly consents: ConsentStore
  readonly approvals: Approvals
  readonly sessions: SessionStore
  readonly personSessions: PersonSessions
  readonly links: LinkStore
  readonly registryUrl: URL
  readonly now: () => number
}

/** An authorization request, before it has a browser. */
export type TransactionRequest = Omit<Transaction, 'browserId'>

/** The user's last answer to the same request. */
export interface EarlierConsent {
  readonly given: GivenConsent
  /** The grant that skips the consent page; absent if the user must be asked. */
  readonly skipGrant?: Grant
}

export class EarlierConsents {
  readonly #dependencies: EarlierConsentsDependencies

  constructor(dependencies: EarlierConsentsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Finds the user's last answer to the same request. It skips the consent page only while its session lives and the
   * user has revoked nothing lately; the new grant is never wider or longer than the old one.
   */
  async findEarlierConsent(
    request: TransactionRequest,
    person: SignedIn,
  ): Promise<EarlierConsent | undefined> {
    const { consents, sessions, services, now } = this.#dependencies
    if (!leadsToWebsite(request.redirectUri)) return undefined
    const asked = this.#consentRequest(request, person)
    const given = await consents.find(asked, now())
    if (given === undefined) return undefined
    const maySkip = request.mayBeUnasked === true && !(await this.#hasRevokedLately(person))
    const session = maySkip ? await sessions.find(given.sessionId) : undefined
    const skipGrant = session === undefined ? undefined : this.#stillGranted(asked, given, session)
    const isOffered =
      skipGrant !== undefined && serviceNamed(services, request.service).grants.includes(skipGrant.access)
    return isOffered && skipGrant.endsAt - now() >= MIN_SKIP_CONSENT_SECONDS
      ? { given, skipGrant }
      : { given }
  }

  /** Remembers an answer, only for clients on a website: a port or scheme of this computer is not an identity. */
  async remember(request: TransactionRequest, person: SignedIn, given: GivenConsent): Promise<void> {
    const { consents, approvals, now } = this.#dependencies
    if (!leadsToWebsite(request.redirectUri)) return
    await consents.remember(this.#consentRequest(request, person), given, now())
    // A skipped consent is no new approval: it keeps the time of the one that the user gave.
    if (isCounted(request)) await approvals.add(request, person, given.givenAt)
  }

  #consentRequest(
    { clientId, clientHash, redirectUri, service, scope }: TransactionRequest,
    person: SignedIn,
  ): ConsentRequest {
    const { origin, services } = this.#dependencies
    const resource = audienceOf(origin, serviceNamed(services, service))
    return { person, clientId, clientHash, redirectUri, resource, scope }
  }

  async #hasRevokedLately({ issuer, subject, email }: SignedIn): Promise<boolean> {
    const { links, personSessions, registryUrl } = this.#dependencies
    const registry = registryUrl.origin
    const user = await links.userOf({ registry, issuer, subject })
    if (user === undefined) return true
    const named = [user, quiltAddress({ registry, email })]
    const markers = await Promise.all(named.map((one) => personSessions.revocationMarker(one)))
    return markers.some((marker) => marker !== undefined)
  }

  #stillGranted(asked: ConsentRequest, given: GivenConsent, session: Session): Grant | undefined {
    const { lifetimes, now } = this.#dependencies
    const isSameRequest =
      session.clientId === asked.clientId &&
      session.resource === asked.resource &&
      session.scope === asked.scope
    if (!isSameRequest) return undefined
    const access = given.access === 'full' ? accessOf(session) : given.access
    const maxEnd = now() + lifetimes.maxSeconds
    return { ...given, skipsConsent: true, access, endsAt: Math.min(given.endsAt, session.expiresAt, maxEnd) }
  }
}

/** True if approvals say something about the client: anyone can copy a registration, or be a program on a computer. */
export function isCounted({
  clientKnownBy,
  redirectUri,
}: Pick<Transaction, 'clientKnownBy' | 'redirectUri'>): boolean {
  return clientKnownBy !== 'registration' && leadsToWebsite(redirectUri)
}
