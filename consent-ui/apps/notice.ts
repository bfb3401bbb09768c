import type { SafeHtml } from '../../core/http/html.ts'
import { isolated } from '../pages/names.ts'
import { en } from '../pages/texts/en/en.ts'
import type { Confirmation } from '../sessions/session-ender.ts'

export interface Outcome extends Confirmation {
  /** Of the applications; empty if the sessions had already ended. */
  readonly names: readonly string[]
  readonly tookMs: number
}

const { done } = en.apps

export function revokedNotice({ names, ...outcome }: Outcome): string | SafeHtml {
  if (names.length === 0) return done.nothingToEnd
  const what = names.length === 1 ? done.isRefused(nameOf(names)) : done.areRefused(names.length)
  return done.ended(what, confirmation(outcome))
}

export function downgradedNotice({ names, ...outcome }: Outcome): string | SafeHtml {
  return names.length === 0 ? done.nothingToChange : done.narrowed(nameOf(names), confirmation(outcome))
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
