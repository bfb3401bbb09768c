import { NOT_CONFIRMED } from '../../../core/audit/record-outcome.ts'
import { ControlError, type ControlOutcome } from '../../../core/controls/control-store.ts'
import type { DetailValue } from '../../../core/audit/audit-entry.ts'
import type { Confirmation } from '../../../consent-ui/sessions/session-ender.ts'
import { UsageError, type Output } from '../command.ts'
import { confirmationText, type Steering } from './steering.ts'

export interface Announced extends Confirmation {
  readonly outcome: ControlOutcome
}

interface ControlChange {
  /** For the log. */
  readonly what: string
  /** For the audit log. */
  readonly action: string
  readonly details: Readonly<Record<string, DetailValue>>
  readonly make: (change: string) => Promise<ControlOutcome>
  /** Thrown if there was nothing to change. */
  readonly unchanged?: () => Promise<UsageError>
}

/**
 * Makes a change of the controls, records it, and waits until every authz and consent-ui process has read it.
 *
 * @throws UsageError for a bad entry
 */
export async function announce(
  { ender, audit }: Steering,
  { what, action, details, make, unchanged }: ControlChange,
): Promise<Announced> {
  const outcomes: ControlOutcome[] = []
  const confirmation = await ender
    .announce(what, async (change) => {
      const outcome = await make(change)
      outcomes.push(outcome)
      return outcome
    })
    .catch((error: unknown) => {
      if (error instanceof ControlError) throw new UsageError(error.message)
      audit.acted(action, details, NOT_CONFIRMED)
      throw error
    })
  // Published again, it is unchanged.
  const outcome = outcomes.find((one) => one !== 'unchanged') ?? 'unchanged'
  if (outcome === 'unchanged' && unchanged !== undefined) throw await unchanged()
  audit.acted(action, { ...details, acknowledged: confirmation.isAcknowledged })
  return { ...confirmation, outcome }
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
  return { text: `${done}\n${confirmationText(change, 'authz and consent-ui')}`, exitCode }
}
