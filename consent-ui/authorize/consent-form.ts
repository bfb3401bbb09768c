import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys/keys.ts'
import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'
import { serviceNamed, type Service } from '../../core/services/service.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import { nameDoubt } from '../consent/name-doubt.ts'
import { offerOf, readGrant, type Grant } from '../consent/offer.ts'
import { leadsToWebsite } from '../consent/skip-consent.ts'
import { destinationOf } from '../oauth/destination.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { isRelayPage } from '../oauth/relay-page.ts'
import { consentPage } from '../pages/consent-page.ts'
import type { EarlierConsent } from './earlier-consents.ts'
import type { AskStep } from './next-step.ts'
import { transactionPage, type OpenTransaction } from './open-transaction.ts'
import { csrfToken } from './page-form.ts'

interface ConsentFormDependencies {
  readonly ring: KeyRing
  readonly services: readonly Service[]
  readonly lifetimes: SessionLifetimes
  readonly now: () => number
}

export class ConsentForm {
  readonly #dependencies: ConsentFormDependencies

  constructor(dependencies: ConsentFormDependencies) {
    this.#dependencies = dependencies
  }

  showConsentForm(
    ctx: Context,
    opened: OpenTransaction,
    { step, earlier }: { readonly step: AskStep; readonly earlier: EarlierConsent | undefined },
  ): void {
    const { transaction, id } = opened
    const redirectUri = new URL(transaction.redirectUri)
    const bounds = this.#boundsOf(opened, step)
    ctx.type = 'html'
    ctx.body = consentPage({
      action: transactionPage(id),
      csrfToken: csrfToken(this.#dependencies.ring, { opened, step }),
      client: {
        name: transaction.clientName,
        knownBy: transaction.clientKnownBy,
        host: URL.parse(transaction.clientId)?.host ?? '',
        isWebsite: leadsToWebsite(transaction.redirectUri),
        doubt: nameDoubt(transaction.clientName, redirectUri, transaction.clientKnownBy),
        connectedAt: earlier?.given.givenAt,
      },
      destination: destinationOf(redirectUri),
      asksFromThisComputer: staysOnThisComputer(redirectUri) || isRelayPage(redirectUri.hostname),
      email: step.person.email,
      service: bounds.service,
      offer: offerOf(bounds, earlier?.given),
      endsWithQuiltSignIn: !isRenewed(step),
    })
  }

  /** @throws ShownError for a choice that the page did not offer */
  readConsentForm(
    opened: OpenTransaction,
    { step, form }: { readonly step: AskStep; readonly form: Parameters },
  ): Grant {
    return readGrant(form, this.#boundsOf(opened, step), this.#dependencies.now())
  }

  #boundsOf({ transaction }: OpenTransaction, step: AskStep) {
    const { services, lifetimes, now } = this.#dependencies
    const { from } = step
    // Only a credential that is already there shows whether it can be renewed.
    const isBounded = 'held' in from && !isRenewed(step)
    return {
      service: serviceNamed(services, transaction.service),
      lifetimes,
      credentialSeconds: isBounded ? from.held.credential.expiresAt - now() : Infinity,
    }
  }
}

function isRenewed({ from }: AskStep): boolean {
  return 'held' in from && from.held.credential.renewWith !== undefined
}
