import type { Environment } from '../../../core/config/environment.ts'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { audienceOf, type Service } from '../../../core/services/service.ts'
import { accessOf, type Session } from '../../../core/sessions/session.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { table } from '../table.ts'
import { CHOICE_HELP, CHOICE_OPTIONS, chooseSessions, sessionHash } from './choose-sessions.ts'
import { ENVIRONMENT_HELP, withSteering } from './steering.ts'

const SHORT_HASH = 12

const HELP = `sessions [--user USER] [--client CLIENT] [--service NAME] [--older-than AGE] [--json]
    lists the live sessions, newest first: user, client, service, access, beginning and end. SESSION is how revoke and
    the audit log name one. ${ENVIRONMENT_HELP}
    ${CHOICE_HELP}
    --json     prints the result as JSON
    exit code  0: done; 2: the command could not be run`

export const listSessions: Command = { help: HELP, run }

async function run(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, {
    ...CHOICE_OPTIONS,
    json: { type: 'boolean', default: false },
  })
  if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}" is not an option\n\n${HELP}`)
  return await withSteering(environment, undefined, async (steering) => {
    const sessions = await chooseSessions(steering, values)
    const { origin, services } = steering.config
    const rows = sessions.map((session) => rowOf(session, serviceName({ origin, services }, session)))
    const text = values.json ? JSON.stringify({ sessions: rows }, null, 2) : describe(rows)
    return { text, exitCode: 0 }
  })
}

interface Row {
  readonly session: string
  readonly user: string
  readonly email: string
  readonly client: string
  readonly fingerprint: string
  readonly service: string
  readonly access: string
  readonly openedAt: string
  readonly endsAt: string
}

function rowOf(session: Session, service: string): Row {
  return {
    session: sessionHash(session),
    user: session.person.name,
    email: session.person.email,
    client: session.clientName,
    fingerprint: fingerprintOf(session.clientId),
    service,
    access: accessOf(session),
    openedAt: timeOf(session.createdAt),
    endsAt: timeOf(session.expiresAt),
  }
}

function describe(rows: readonly Row[]): string {
  if (rows.length === 0) return 'no live session'
  const head = ['SESSION', 'USER', 'CLIENT', 'FINGERPRINT', 'SERVICE', 'ACCESS', 'OPENED', 'ENDS']
  const lines = rows.map((row) => [
    row.session.slice(0, SHORT_HASH),
    row.email === row.user ? row.user : `${row.user} (${row.email})`,
    row.client,
    row.fingerprint,
    row.service,
    row.access,
    row.openedAt,
    row.endsAt,
  ])
  return table(head, lines).join('\n')
}

function serviceName(
  { origin, services }: { readonly origin: string; readonly services: readonly Service[] },
  { resource }: Session,
): string {
  return services.find((service) => audienceOf(origin, service) === resource)?.name ?? resource
}

function timeOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)}Z`
}
