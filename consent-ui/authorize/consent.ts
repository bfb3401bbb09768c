import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys/keys.ts'
import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'
import { serviceNamed, type Service } from '../../core/services/service.ts'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import { nameDoubt } from '../consent/name-doubt.ts'
import { offerOf, readGrant, type Grant } from '../consent/offer.ts'
import { leadsToWebsite } from '../consent/unasked.ts'
import { destinationOf } from '../oauth/destination.ts'
import { isRelayPage } from '../oauth/relay-page.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { consentPage } from '../pages/consent-page.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import type { EarlierConsent } from './earlier-consent.ts'
import type { AskStep } from './next-step.ts'
import { csrfToken } from './page-form.ts'

export interface ConsentParts {
  readonly ring: KeyRing
  readonly services: readonly Service[]
  readonly lifetimes: SessionLifetimes
  readonly now: () => number
}

/** Shows the consent page. */
export function showConsent(parts: ConsentParts) {
  return function consent(
    ctx: Context,
    opened: OpenTransaction,
    { step, earlier }: { readonly step: AskStep; readonly earlier: EarlierConsent | undefined },
  ): void {
    const { transaction, id } = opened
    const redirectUri = new URL(transaction.redirectUri)
    const bounds = boundsOf(parts, opened, step)
    ctx.type = 'html'
    ctx.body = consentPage({
      action: `/connect/authorize/${id}`,
      csrfToken: csrfToken(parts.ring, { opened, step }),
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
}

/**
 * Reads what the person granted on the consent page.
 *
 * @throws ShownError for what it did not offer
 */
export function readConsent(parts: ConsentParts) {
  return function consented(opened: OpenTransaction, step: AskStep, form: Parameters): Grant {
    return readGrant(form, boundsOf(parts, opened, step), parts.now())
  }
}

function boundsOf(
  { services, lifetimes, now }: ConsentParts,
  { transaction }: OpenTransaction,
  step: AskStep,
) {
  const { from } = step
  // Whether anything renews a credential that is yet to be obtained, nobody knows before it is.
  const isBounded = 'held' in from && !isRenewed(step)
  return {
    service: serviceNamed(services, transaction.service),
    lifetimes,
    credentialSeconds: isBounded ? from.held.credential.expiresAt - now() : Infinity,
  }
}

function isRenewed({ from }: AskStep): boolean {
  return 'held' in from && from.held.credential.renewWith !== undefined
}
