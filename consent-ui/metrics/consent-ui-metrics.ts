import type { Registry } from '@prometheus-io/client'
import { Counts } from '../../core/metrics/counts.ts'
import { OutgoingRequests } from '../../core/metrics/outgoing-requests.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { LimitName } from '../config/limit-settings.ts'
import type { SignInRefusal } from '../provider/sign-in-refused.ts'

const SIGN_INS: readonly SignInOutcome[] = [
  'signed_in',
  'access_denied',
  'no_email',
  'email_not_verified',
  'emails_differ',
  'clocks_differ',
  'signed_out',
  'other',
  'unavailable',
]
export type SignInOutcome = 'signed_in' | SignInRefusal | 'unavailable'

const CONSENTS = ['approved', 'remembered', 'declined', 'sign_in_refused', 'page_needed'] as const
/** How an authorization request was answered; `remembered` without a page, `page_needed` to `prompt=none`. */
export type ConsentOutcome = (typeof CONSENTS)[number]

const PASTED_CODES = ['accepted', 'malformed', 'refused', 'another_user', 'unavailable'] as const
export type PastedCodeOutcome = (typeof PASTED_CODES)[number]

const ASSERTIONS = ['accepted', 'refused', 'unavailable'] as const

const REGISTRATIONS = ['registered', 'refused'] as const

/** The Registry, for sign-ins by one-time code. */
const WITHOUT_IDENTITY_PROVIDER = 'registry'

interface ConsentUiMetricsOptions {
  readonly services: readonly { readonly name: string }[]
  /** Undefined without one. */
  readonly identityProvider: URL | undefined
}

/** What consent-ui counts and times; docs/metrics.md explains each. */
export class ConsentUiMetrics {
  readonly outgoing = new OutgoingRequests('consent_ui', ['registry', 'identity_provider', 'client_document'])
  readonly #identityProvider: string
  readonly #signIns: Counts<'identity_provider' | 'outcome'>
  readonly #consents: Counts<'identity_provider' | 'outcome'>
  readonly #sessionsOpened: Counts<'service' | 'access'>
  readonly #pastedCodes = new Counts({
    name: 'connect_consent_ui_pasted_codes_total',
    help: 'One-time codes that users pasted',
    labelNames: ['outcome'],
    initial: PASTED_CODES.map((outcome) => ({ outcome })),
  })
  readonly #assertions = new Counts({
    name: 'connect_consent_ui_identity_assertions_total',
    help: 'Identity assertions that authenticated clients exchanged for a session',
    labelNames: ['outcome'],
    initial: ASSERTIONS.map((outcome) => ({ outcome })),
  })
  readonly #refreshes = new Counts({
    name: 'connect_consent_ui_sessions_refreshed_total',
    help: 'Refresh tokens that were exchanged',
    labelNames: [],
    initial: [{}],
  })
  readonly #registrations = new Counts({
    name: 'connect_consent_ui_registrations_total',
    help: 'Client registrations',
    labelNames: ['outcome'],
    initial: REGISTRATIONS.map((outcome) => ({ outcome })),
  })
  readonly #limits = new Counts<'limit'>({
    name: 'connect_consent_ui_rate_limits_hit_total',
    help: 'Requests beyond a rate limit',
    labelNames: ['limit'],
    // All sign-ins get 503 from the first one on.
    initial: [{ limit: 'openTransactions' satisfies LimitName }],
  })

  constructor({ services, identityProvider }: ConsentUiMetricsOptions) {
    const provider = identityProvider?.host ?? WITHOUT_IDENTITY_PROVIDER
    this.#identityProvider = provider
    this.#signIns = new Counts({
      name: 'connect_consent_ui_sign_ins_total',
      help: 'Sign-ins that came back from the identity provider, or one-time codes in its place',
      labelNames: ['identity_provider', 'outcome'],
      initial: SIGN_INS.map((outcome) => ({ identity_provider: provider, outcome })),
    })
    this.#consents = new Counts({
      name: 'connect_consent_ui_consents_total',
      help: 'Answers to authorization requests',
      labelNames: ['identity_provider', 'outcome'],
      initial: CONSENTS.map((outcome) => ({ identity_provider: provider, outcome })),
    })
    this.#sessionsOpened = new Counts({
      name: 'connect_consent_ui_sessions_opened_total',
      help: 'Sessions that were opened',
      labelNames: ['service', 'access'],
      initial: services.flatMap(({ name: service }) =>
        (['read', 'full'] satisfies Access[]).map((access) => ({ service, access })),
      ),
    })
  }

  signIn(outcome: SignInOutcome): void {
    this.#signIns.add({ identity_provider: this.#identityProvider, outcome })
  }

  consent(outcome: ConsentOutcome): void {
    this.#consents.add({ identity_provider: this.#identityProvider, outcome })
  }

  pastedCode(outcome: PastedCodeOutcome): void {
    this.#pastedCodes.add({ outcome })
  }

  assertion(outcome: (typeof ASSERTIONS)[number]): void {
    this.#assertions.add({ outcome })
  }

  registration(outcome: (typeof REGISTRATIONS)[number]): void {
    this.#registrations.add({ outcome })
  }

  sessionOpened(service: string, access: Access): void {
    this.#sessionsOpened.add({ service, access })
  }

  sessionRefreshed(): void {
    this.#refreshes.add({})
  }

  limitHit(limit: LimitName): void {
    this.#limits.add({ limit })
  }

  registerAt(registry: Registry): void {
    for (const counts of [this.#signIns, this.#consents, this.#sessionsOpened]) counts.registerAt(registry)
    for (const counts of [this.#pastedCodes, this.#registrations, this.#limits]) counts.registerAt(registry)
    this.#assertions.registerAt(registry)
    this.#refreshes.registerAt(registry)
    this.outgoing.durations.registerAt(registry)
  }
}
