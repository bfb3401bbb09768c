import { ControlError, type ControlOutcome } from '../../../core/controls/control-store.ts'
import type { Confirmation, SessionEnder } from '../../../consent-ui/sessions/session-ender.ts'
import { UsageError, type Output } from '../command.ts'
import { confirmationText } from './steering.ts'

export interface Announced extends Confirmation {
  readonly outcome: ControlOutcome
}

/** Makes a change of the controls, and waits until every authz process has read it. @throws UsageError for a bad entry */
export async function announce(
  ender: SessionEnder,
  what: string,
  make: (change: string) => Promise<ControlOutcome>,
): Promise<Announced> {
  let made: ControlOutcome = 'unchanged'
  const confirmation = await ender
    .announce(what, async (change) => {
      const outcome = await make(change)
      // Published again, it is unchanged.
      if (made === 'unchanged') made = outcome
      return outcome
    })
    .catch((error: unknown) => {
      throw error instanceof ControlError ? new UsageError(error.message) : error
    })
  return { ...confirmation, outcome: made }
}

/** The result of a command that changed the controls. */
export function changeOutput(
  change: Announced,
  { done, json, details }: { readonly done: string; readonly json: boolean; readonly details: object },
): Output {
  const { isAcknowledged, isReplicated, outcome } = change
  const exitCode = isAcknowledged ? 0 : 1
  const result = { ...details, changed: outcome !== 'unchanged', acknowledged: isAcknowledged }
  if (json) return { text: JSON.stringify({ ...result, replicated: isReplicated }), exitCode }
  return { text: `${done}\n${confirmationText(change)}`, exitCode }
}
