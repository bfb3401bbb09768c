import type { SafeHtml } from '../../core/http/html.ts'
import { isolated } from '../pages/names.ts'
import type { OutcomeNotice } from '../pages/outcome-notice.ts'
import { en } from '../pages/texts/en/en.ts'
import type { Confirmation } from '../sessions/session-ender.ts'

export interface Outcome extends Confirmation {
  /** Of the applications; empty if the sessions had already ended. */
  readonly names: readonly string[]
  readonly tookMs: number
}

const { done } = en.apps

export function revokedNotice({ names, ...outcome }: Outcome): OutcomeNotice {
  if (names.length === 0) return { text: done.nothingToEnd, isSuccess: false }
  const what = names.length === 1 ? nameOf(names) : done.connections(names.length)
  return { text: done.ended(what, confirmation(outcome)), isSuccess: isConfirmed(outcome) }
}

export function downgradedNotice({ names, ...outcome }: Outcome): OutcomeNotice {
  if (names.length === 0) return { text: done.nothingToChange, isSuccess: false }
  return { text: done.narrowed(nameOf(names), confirmation(outcome)), isSuccess: isConfirmed(outcome) }
}

function isConfirmed({ isAcknowledged, isReplicated }: Confirmation): boolean {
  return isAcknowledged && isReplicated
}

function nameOf([name = '']: readonly string[]): SafeHtml {
  return isolated(name === '' ? done.unnamed : name)
}

/**
 * Names what could undo or delay the change: an authz that has not acknowledged it may serve the session from memory
 * for the grace period, and a change that no replica has is lost if the Redis master fails.
 */
function confirmation({ isAcknowledged, isReplicated, tookMs }: Omit<Outcome, 'names'>): string {
  const gaps = [
    ...(isAcknowledged ? [] : [done.notAcknowledged]),
    ...(isReplicated ? [] : [done.notReplicated]),
  ]
  return gaps.length > 0 ? gaps.join(' ') : done.took((Math.ceil(tookMs / 10) / 100).toFixed(2))
}
