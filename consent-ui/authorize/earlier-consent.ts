import { audienceOf, serviceNamed, type Service } from '../../core/services/service.ts'
import { accessOf, type Session } from '../../core/sessions/session.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import { leadsToWebsite } from '../consent/unasked.ts'
import type { Grant } from '../consent/offer.ts'
import { MIN_SKIP_CONSENT_SECONDS } from '../lifetimes.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { ConsentStore, GivenConsent, Question } from '../store/consent-store.ts'
import type { LinkStore } from '../store/link-store.ts'
import type { PersonSessions } from '../store/person-sessions.ts'
import type { Transaction } from '../store/transaction-store.ts'

export interface EarlierConsentParts {
  /** Where the audiences of tokens are. */
  readonly origin: string
  readonly services: readonly Service[]
  readonly lifetimes: SessionLifetimes
  readonly consents: ConsentStore
  readonly sessions: SessionStore
  readonly personSessions: PersonSessions
  readonly links: LinkStore
  readonly registryUrl: URL
  readonly now: () => number
}

/** A transaction, of whichever browser. */
export type Asked = Omit<Transaction, 'browserId'>

/** What the same person answered to the same question. */
export interface EarlierConsent {
  readonly given: GivenConsent
  /** What is granted without asking them again; absent where they are asked. */
  readonly unasked?: Grant
}

/** What a request is, as answers to it are remembered. */
export function questionOf(
  { origin, services }: Pick<EarlierConsentParts, 'origin' | 'services'>,
  { clientId, clientHash, redirectUri, service, scope }: Asked,
  person: SignedIn,
): Question {
  const resource = audienceOf(origin, serviceNamed(services, service))
  return { person, clientId, clientHash, redirectUri, resource, scope }
}

/**
 * Looks for an earlier answer. It stands in for a new one only as long as a session that came of it lives: who ended
 * it, wherever they did, is asked again, and so is who has just taken back anything. What is granted then is what was
 * granted before, until when it was, and no more than that session still may.
 */
export function earlierConsent(parts: EarlierConsentParts) {
  return async function earlier(asked: Asked, person: SignedIn): Promise<EarlierConsent | undefined> {
    if (!leadsToWebsite(asked.redirectUri)) return undefined
    const question = questionOf(parts, asked, person)
    const given = await parts.consents.find(question, parts.now())
    if (given === undefined) return undefined
    const mayBeUnasked = asked.mayBeUnasked === true && !(await hasTakenBack(person))
    const session = mayBeUnasked ? await parts.sessions.find(given.sessionId) : undefined
    const unasked = session === undefined ? undefined : stillGranted(question, given, session)
    const isOffered = unasked !== undefined && grantsOf(asked).includes(unasked.access)
    return isOffered && unasked.endsAt - parts.now() >= MIN_SKIP_CONSENT_SECONDS
      ? { given, unasked }
      : { given }
  }

  async function hasTakenBack({ issuer, subject }: SignedIn): Promise<boolean> {
    const user = await parts.links.userOf({ registry: parts.registryUrl.origin, issuer, subject })
    return user === undefined || (await parts.personSessions.lastTakenBack(user)) !== undefined
  }

  function stillGranted(question: Question, given: GivenConsent, session: Session): Grant | undefined {
    const isOfQuestion =
      session.clientId === question.clientId &&
      session.resource === question.resource &&
      session.scope === question.scope
    if (!isOfQuestion) return undefined
    const access = given.access === 'full' ? accessOf(session) : given.access
    const mostOfNow = parts.now() + parts.lifetimes.maxSeconds
    return { ...given, isUnasked: true, access, endsAt: Math.min(given.endsAt, session.expiresAt, mostOfNow) }
  }

  function grantsOf({ service }: Asked): Service['grants'] {
    return serviceNamed(parts.services, service).grants
  }
}
