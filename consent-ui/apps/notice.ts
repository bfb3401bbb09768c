import { html, type SafeHtml } from '../../core/http/html.ts'
import { isolated } from '../pages/names.ts'
import type { Confirmation } from '../sessions/session-ender.ts'

export interface Outcome extends Confirmation {
  /** Of the applications; empty if the sessions had already ended. */
  readonly names: readonly string[]
  readonly tookMs: number
}

export function revokedNotice({ names, ...outcome }: Outcome): SafeHtml {
  if (names.length === 0) return html`Nothing to revoke: that access had already ended.`
  const what = names.length === 1 ? html`${nameOf(names)} is` : html`${names.length} connections are`
  return html`Access revoked: ${what} refused from the next request on. ${confirmation(outcome)}`
}

export function downgradedNotice({ names, ...outcome }: Outcome): SafeHtml {
  if (names.length === 0) return html`Nothing to change: that access had already ended.`
  return html`${nameOf(names)} can only read from the next request on. ${confirmation(outcome)}`
}

function nameOf([name = '']: readonly string[]): SafeHtml {
  return isolated(name === '' ? 'The application without a name' : name)
}

/**
 * Names what could undo or delay the change: an authz that has not acknowledged it may serve the session from memory
 * for the grace period, and a change that no replica has is lost if the Redis master fails.
 */
function confirmation({ isAcknowledged, isReplicated, tookMs }: Omit<Outcome, 'names'>): string {
  const gaps = [
    ...(isAcknowledged
      ? []
      : [
          'Not every gateway confirmed this within a second. One that cannot reach the session store may accept requests for a little longer. Your administrator can see which.',
        ]),
    ...(isReplicated
      ? []
      : [
          'No copy of the session store confirmed this. If the store fails right now, the access may come back: open this page again in a minute.',
        ]),
  ]
  return gaps.length > 0 ? gaps.join(' ') : `This took ${(Math.ceil(tookMs / 10) / 100).toFixed(2)} seconds.`
}
