import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys.ts'
import { serviceNamed, type Service } from '../../core/services.ts'
import type { OpenTransaction } from '../browser-cookie.ts'
import { staysOnThisComputer } from '../oauth/allowed-hosts.ts'
import { consentPage } from '../pages/consent-page.ts'
import type { SessionLifetimes } from '../session-lifetimes.ts'
import type { AskStep } from './next-step.ts'
import { csrfToken } from './page-form.ts'

export interface ConsentParts {
  readonly ring: KeyRing
  readonly services: readonly Service[]
  readonly lifetimes: SessionLifetimes
  readonly now: () => number
}

const DAY_SECONDS = 86_400

/** Shows the consent page. */
export function showConsent(parts: ConsentParts) {
  return function consent(ctx: Context, opened: OpenTransaction, step: AskStep): void {
    const { transaction, id } = opened
    const redirectUri = new URL(transaction.redirectUri)
    ctx.type = 'html'
    ctx.body = consentPage({
      action: `/connect/authorize/${id}`,
      csrfToken: csrfToken(parts.ring, { opened, step }),
      clientName: transaction.clientName,
      destination: redirectUri.protocol === 'https:' ? redirectUri.host : destinationOf(redirectUri),
      staysOnThisComputer: staysOnThisComputer(redirectUri),
      email: step.person.email,
      service: serviceNamed(parts.services, transaction.service),
      ...durationOf(step),
    })
  }

  /** Whether anything renews a credential that is yet to be obtained, nobody knows before it is. */
  function durationOf({ from }: AskStep): { days: number; endsWithQuiltSignIn: boolean } {
    const { sessionSeconds } = parts.lifetimes
    const isRenewed = 'held' in from && from.held.credential.renewWith !== undefined
    const credentialSeconds = 'held' in from ? from.held.credential.expiresAt - parts.now() : sessionSeconds
    const seconds = isRenewed ? sessionSeconds : Math.min(sessionSeconds, credentialSeconds)
    return { days: Math.ceil(seconds / DAY_SECONDS), endsWithQuiltSignIn: !isRenewed }
  }
}

function destinationOf(url: URL): string {
  return staysOnThisComputer(url) ? `${url.hostname} (this computer)` : `${url.protocol}//${url.host}`
}
