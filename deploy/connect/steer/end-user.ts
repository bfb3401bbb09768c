import { NOT_CONFIRMED } from '../../../core/audit/record-outcome.ts'
import type { Environment } from '../../../core/config/environment.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { chooseSessions } from './choose-sessions.ts'
import { confirmed, CREDENTIALS_HELP, endedOutput, endSessions, sessionCount } from './end-sessions.ts'
import { CHANGE_HELP, CHANGE_OPTIONS, ENVIRONMENT_HELP, withSteering } from './steering.ts'

const HELP = `end-user EMAIL [--yes] [--by NAME] [--json]
    ends every session of a person, for instance of one who leaves. Remembered consents end with the sessions, and codes
    that the person approved before open none. It does not stop the person from approving again: deactivate them in
    Quilt, or at the identity provider, first. ${CREDENTIALS_HELP}
    ${ENVIRONMENT_HELP}
    EMAIL      e-mail address, or Quilt user name
    --yes      does not ask
    ${CHANGE_HELP}
    exit code  0: done; 1: there was no session, or not every authz acknowledged; 2: the command could not be run`

export const endUser: Command = { help: HELP, run }

async function run(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, {
    ...CHANGE_OPTIONS,
    yes: { type: 'boolean', default: false },
  })
  const [user, ...others] = positionals
  if (user === undefined || others.length > 0) throw new UsageError(`name one person\n\n${HELP}`)
  return await withSteering(environment, values.by, async (steering) => {
    const findAgain = async () => await chooseSessions(steering, { user })
    const sessions = await findAgain()
    if (sessions.length > 0) await confirmed(`End ${sessionCount(sessions.length)} of ${user}?`, values.yes)
    const ended = await endSessions(steering, sessions, { findAgain, user })
    const { count, isAcknowledged, fault } = ended
    const details = { sessions: count, acknowledged: isAcknowledged }
    steering.audit.acted('end_user', details, fault === undefined ? undefined : NOT_CONFIRMED)
    if (count === 0 && fault === undefined) return noSession(values.json)
    return endedOutput(ended, { of: sessions.length, json: values.json })
  })
}

function noSession(json: boolean): Output {
  const text = json
    ? JSON.stringify({ ended: 0, of: 0 })
    : 'This person has no live session. A code that they approved before opens none.'
  return { text, exitCode: 1 }
}
