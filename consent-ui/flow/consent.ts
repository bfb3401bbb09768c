import { createHmac } from 'node:crypto'
import type { Context } from 'koa'
import { equalSecrets } from '../../core/hash.ts'
import { subkey, type KeyRing } from '../../core/keys.ts'
import { serviceNamed, type Service } from '../../core/services.ts'
import type { OpenTransaction } from '../browser-cookie.ts'
import { SESSION_SECONDS } from '../lifetimes.ts'
import { staysOnThisComputer } from '../oauth/allowed-hosts.ts'
import { ShownError } from '../oauth/errors.ts'
import { readParameters } from '../oauth/parameters.ts'
import { consentPage } from '../pages/consent-page.ts'
import type { IdentityAssertion } from '../identity-provider.ts'

/** A transaction whose person is known: what is left is to ask. */
export interface SignedInTransaction extends OpenTransaction {
  readonly person: IdentityAssertion
}

const DAY_SECONDS = 86_400

/** Shows the consent page. */
export function showConsent(parts: { ring: KeyRing; services: readonly Service[] }) {
  return function consent(ctx: Context, open: SignedInTransaction): void {
    const { transaction, person, id } = open
    const redirectUri = new URL(transaction.redirectUri)
    ctx.type = 'html'
    ctx.body = consentPage({
      action: `/connect/authorize/${id}`,
      csrfToken: csrfToken(parts.ring, open),
      clientName: transaction.clientName,
      destination: redirectUri.protocol === 'https:' ? redirectUri.host : destinationOf(redirectUri),
      staysOnThisComputer: staysOnThisComputer(redirectUri),
      email: person.email,
      service: serviceNamed(parts.services, transaction.service),
      days: Math.round(SESSION_SECONDS / DAY_SECONDS),
    })
  }
}

/**
 * Reads the person's answer.
 *
 * @throws ShownError when the form is not the one that this page showed to this person
 */
export function readDecision(
  { ring, origin }: { ring: KeyRing; origin: string },
  ctx: Context,
  open: SignedInTransaction,
): 'continue' | 'cancel' {
  const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
  const decision = form.get('decision')
  const fromThisPage =
    ctx.get('Origin') === origin && equalSecrets(form.get('csrf_token') ?? '', csrfToken(ring, open))
  if (fromThisPage && (decision === 'continue' || decision === 'cancel')) return decision
  throw new ShownError(
    'This page has changed',
    'Somebody else has signed in since it was shown, or it was not answered here. Go back and answer again.',
    403,
  )
}

/** Bound to browser, transaction and person: whoever the page did not name has not answered it. */
function csrfToken(ring: KeyRing, { id, browser, person }: SignedInTransaction): string {
  return createHmac('sha256', subkey(ring, ring.current, { purpose: 'consent form' }))
    .update(JSON.stringify([id, browser.id, person.issuer, person.subject]))
    .digest('base64url')
}

function destinationOf(url: URL): string {
  return staysOnThisComputer(url) ? `${url.hostname} (this computer)` : `${url.protocol}//${url.host}`
}
