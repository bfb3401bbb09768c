import type { Audit, AuditEntry } from './audit-entry.ts'

/** The change was asked for, and Redis did not confirm it: it may have been made. */
export const NOT_CONFIRMED = 'not_confirmed'

/**
 * Makes a change and records it, also if it fails: it may have been made all the same.
 *
 * @param entryOf - describes the change; without a result if it failed. Undefined if nothing was changed
 */
export async function recordOutcome<Result>(
  audit: Audit,
  entryOf: (result: Result | undefined) => AuditEntry | undefined,
  make: () => Promise<Result>,
): Promise<Result> {
  let result: Result
  try {
    result = await make()
  } catch (error) {
    const entry = entryOf(undefined)
    if (entry !== undefined) audit.record({ reason: NOT_CONFIRMED, ...entry, isSuccess: false })
    throw error
  }
  const entry = entryOf(result)
  if (entry !== undefined) audit.record(entry)
  return result
}
