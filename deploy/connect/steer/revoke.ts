import { NOT_CONFIRMED } from '../../../core/audit/record-outcome.ts'
import type { Environment } from '../../../core/config/environment.ts'
import type { Session } from '../../../core/sessions/session.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import {
  CHOICE_HELP,
  CHOICE_OPTIONS,
  chooseSessions,
  requireSession,
  type Choice,
} from './choose-sessions.ts'
import { confirmed, CREDENTIALS_HELP, endedOutput, endSessions, sessionCount } from './end-sessions.ts'
import { CHANGE_HELP, CHANGE_OPTIONS, ENVIRONMENT_HELP, withSteering, type Steering } from './steering.ts'

const HELP = `revoke SESSION | --all | [--user USER] [--client CLIENT] [--service NAME] [--older-than AGE] [--yes] [--by NAME] [--json]
    ends sessions: their next request is refused with 401, and their refresh tokens too. Says how many, and asks.
    Codes that the same users approved before open no session. ${CREDENTIALS_HELP}
    ${ENVIRONMENT_HELP}
    SESSION    as the sessions command or the audit log names it; the first 6 characters may do
    --all      every session of this Connect host
    ${CHOICE_HELP}
    --yes      does not ask
    ${CHANGE_HELP}
    exit code  0: done; 1: no session matches, or not every authz acknowledged; 2: the command could not be run`

export const revokeSessions: Command = { help: HELP, run }

async function run(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, {
    ...CHOICE_OPTIONS,
    ...CHANGE_OPTIONS,
    all: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
  })
  const [name, ...others] = positionals
  const { all, yes, json, by, ...choice } = values
  const ways = [name !== undefined, all, Object.keys(choice).length > 0]
  if (others.length > 0 || ways.filter(Boolean).length !== 1) {
    throw new UsageError(`name one session, or --all, or which sessions\n\n${HELP}`)
  }
  return await withSteering(environment, by, async (steering) => {
    const find = async () => await sessionsNamed(steering, name, choice)
    const sessions = await find()
    if (sessions.length > 0) await confirmed(question(sessions), yes)
    const findAgain = name === undefined ? find : () => Promise.resolve(sessions)
    const ended = await endSessions(steering, sessions, { findAgain })
    const { count, isAcknowledged, fault } = ended
    const details = { ...wordsOf(name, choice), sessions: count, acknowledged: isAcknowledged }
    steering.audit.acted('revoke', details, fault === undefined ? undefined : NOT_CONFIRMED)
    return endedOutput(ended, { of: sessions.length, json })
  })
}

async function sessionsNamed(
  steering: Steering,
  name: string | undefined,
  choice: Choice,
): Promise<Session[]> {
  const chosen = await chooseSessions(steering, choice)
  return name === undefined ? chosen : [requireSession(chosen, name)]
}

function question(sessions: readonly Session[]): string {
  const users = new Set(sessions.map(({ person }) => person.name)).size
  const clients = new Set(sessions.map(({ clientId }) => clientId)).size
  return `End ${sessionCount(sessions.length)} of ${users} users and ${clients} clients?`
}

/** What was chosen, without a user: the lines of the sessions name them, and the audit log can remove them there. */
function wordsOf(name: string | undefined, { user, client, service, 'older-than': age }: Choice) {
  return {
    ...(name === undefined ? {} : { chosen: 'one session' }),
    ...(user === undefined ? {} : { chosen: 'sessions of a user' }),
    ...(client === undefined ? {} : { client }),
    ...(service === undefined ? {} : { service }),
    ...(age === undefined ? {} : { olderThan: age }),
  }
}
