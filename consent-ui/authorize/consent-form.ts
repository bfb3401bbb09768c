import type { Context } from 'koa'
import type { Controls } from '../../core/controls/control-follower.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'
import { serviceNamed, type Service } from '../../core/services/service.ts'
import { boundsOfCheck, isCheckRedirect } from '../check/connection-check.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import { nameDoubt } from '../consent/name-doubt.ts'
import { offerOf, readGrant, type Grant } from '../consent/offer.ts'
import { leadsToWebsite } from '../consent/skip-consent.ts'
import { placeOf } from '../oauth/destination.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { isRelayPage } from '../oauth/relay-page.ts'
import { ShownError, Stopped } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import { OWN_ACCOUNT } from '../pages/whose-account.ts'
import { consentPage } from '../pages/consent-page.ts'
import type { EarlierConsent } from './earlier-consents.ts'
import type { AskStep } from './next-step.ts'
import type { Transaction } from '../store/transaction-store.ts'
import { transactionPage, type OpenTransaction } from './open-transaction.ts'
import { csrfToken } from './page-form.ts'
import type { ShownFacts } from './shown-facts.ts'

interface ConsentFormDependencies {
  readonly origin: string
  readonly controls: Controls
  readonly shownFacts: ShownFacts
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

  async showConsentForm(
    ctx: Context,
    opened: OpenTransaction,
    { step: asked, earlier }: { readonly step: AskStep; readonly earlier: EarlierConsent | undefined },
  ): Promise<void> {
    const { transaction, id } = opened
    const redirectUri = new URL(transaction.redirectUri)
    const shownClient = this.#clientOf(transaction)
    this.#refuseStopped(opened)
    const { step, ...facts } = await this.#dependencies.shownFacts.of(opened, asked)
    const bounds = this.#boundsOf(opened, step)
    ctx.type = 'html'
    ctx.body = consentPage({
      action: transactionPage(id),
      csrfToken: csrfToken(this.#dependencies.ring, { opened, step }),
      client: {
        ...shownClient,
        approvedAt: facts.approvals?.ownAt ?? earlier?.given.givenAt,
        approvals: facts.approvals,
      },
      destination: { isOnThisComputer: !shownClient.isWebsite, place: placeOf(redirectUri) },
      asker: this.#askerOf(transaction),
      email: step.person.email,
      asksWhoseAccount: isUnproven(step),
      role: facts.role,
      service: bounds.service,
      tools: facts.tools,
      offer: offerOf(bounds, earlier?.given),
      endsWithQuiltSignIn: !isRenewed(step),
      idleSeconds: bounds.lifetimes.idleSeconds,
    })
  }

  /** The check's page has our name: any client may use its redirect URI, under any name. */
  #clientOf({ clientName, clientId, clientKnownBy, redirectUri }: Transaction) {
    const host = URL.parse(clientId)?.host ?? ''
    if (isCheckRedirect(this.#dependencies.origin, redirectUri)) {
      return { name: en.check.title, knownBy: 'connect', host, isWebsite: true, doubt: undefined } as const
    }
    const doubt = nameDoubt(clientName, new URL(redirectUri), clientKnownBy)
    return { name: clientName, knownBy: clientKnownBy, host, isWebsite: leadsToWebsite(redirectUri), doubt }
  }

  #askerOf({ redirectUri }: Transaction): 'check' | 'onThisComputer' | 'elsewhere' {
    if (isCheckRedirect(this.#dependencies.origin, redirectUri)) return 'check'
    const url = new URL(redirectUri)
    return staysOnThisComputer(url) || isRelayPage(url.hostname) ? 'onThisComputer' : 'elsewhere'
  }

  /** @throws Stopped; ShownError for a choice that the page did not offer, or an account that is not the user's */
  readConsentForm(
    opened: OpenTransaction,
    { step, form }: { readonly step: AskStep; readonly form: Parameters },
  ): Grant {
    if (isUnproven(step) && form.get(OWN_ACCOUNT) !== 'yes') {
      const link = { href: transactionPage(opened.id), text: en.links.backToForm }
      throw new ShownError(en.errors.notOwnAccount, { link })
    }
    this.#refuseStopped(opened)
    return readGrant(form, this.#boundsOf(opened, step), this.#dependencies.now())
  }

  /** The operator may have stopped the service since the request: it must not get a credential, not even for its tools. */
  #refuseStopped({ transaction }: OpenTransaction): void {
    const { controls, services } = this.#dependencies
    const { name, title } = serviceNamed(services, transaction.service)
    if (controls.isStopped(name)) throw new Stopped(title)
  }

  #boundsOf({ transaction }: OpenTransaction, step: AskStep) {
    const { origin, services, lifetimes, now } = this.#dependencies
    const { from } = step
    // Only a credential that is already there shows whether it can be renewed.
    const isBounded = 'held' in from && !isRenewed(step)
    return {
      ...boundsOfCheck(origin, transaction.redirectUri, {
        service: serviceNamed(services, transaction.service),
        lifetimes,
      }),
      credentialSeconds: isBounded ? from.held.credential.expiresAt - now() : Infinity,
    }
  }
}

function isUnproven({ from }: AskStep): boolean {
  return 'held' in from && from.held.isUnproven === true
}

function isRenewed({ from }: AskStep): boolean {
  return 'held' in from && from.held.credential.renewWith !== undefined
}
