import { html, type SafeHtml } from '../../core/http/html.ts'
import { isolated } from '../pages/names.ts'
import type { Confirmation } from '../sessions/session-ender.ts'

/** What became of sessions that a person ended or narrowed. */
export interface Outcome extends Confirmation {
  /** Of their applications; none where the sessions had ended before. */
  readonly names: readonly string[]
  readonly tookMs: number
}

/** What the page says of sessions that were ended. */
export function revokedNews({ names, ...outcome }: Outcome): SafeHtml {
  if (names.length === 0) return html`There was nothing to end: that access had ended before.`
  const what = names.length === 1 ? html`${nameOf(names)} is` : html`${names.length} connections are`
  return html`Access ended: ${what} refused from the next request on. ${howLong(outcome)}`
}

/** What the page says of sessions that may only read now. */
export function narrowedNews({ names, ...outcome }: Outcome): SafeHtml {
  if (names.length === 0) return html`There was nothing to narrow: that access had ended before.`
  return html`${nameOf(names)} may only read from the next request on. ${howLong(outcome)}`
}

function nameOf([name = '']: readonly string[]): SafeHtml {
  return isolated(name === '' ? 'The application without a name' : name)
}

/**
 * A gateway that has not acknowledged reads the store for each request, or serves sessions from memory for the grace
 * while it cannot. A change that no replica has is lost if the master fails now.
 */
function howLong({ isAcknowledged, isReplicated, tookMs }: Omit<Outcome, 'names'>): string {
  const gaps = [
    ...(isAcknowledged
      ? []
      : [
          'Not every gateway has confirmed it within a second: one that is cut off from the store may let requests through for a little longer. The administrator can see which.',
        ]),
    ...(isReplicated
      ? []
      : [
          'No copy of the store has confirmed it: if the store fails at this moment, access may come back. Open this page again in a minute.',
        ]),
  ]
  return gaps.length > 0 ? gaps.join(' ') : `It took ${(Math.ceil(tookMs / 10) / 100).toFixed(2)} seconds.`
}
