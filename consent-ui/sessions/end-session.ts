import type { Log } from '../../core/log/log.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { SessionEnder } from './session-ender.ts'

/** Ends a session that its person did not end, and says in the log why. */
export async function endSession(
  { ender, log }: { readonly ender: SessionEnder; readonly log: Log },
  session: Session,
  reason: string,
): Promise<void> {
  await ender.end(session.id)
  log.warn({ reason, client: session.clientName, person: session.person.name }, 'a session was ended')
}
