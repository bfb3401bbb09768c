import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { sha256 } from '../../../core/keys/hash.ts'
import { audienceOf, type Service } from '../../../core/services/service.ts'
import type { Session } from '../../../core/sessions/session.ts'
import { placeOf } from '../../../consent-ui/oauth/destination.ts'
import { UsageError } from '../command.ts'
import type { Steering } from './steering.ts'

const MIN_PREFIX_CHARACTERS = 6
const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, d: 86_400 }

/** Options that choose sessions; all that are given must match. */
export const CHOICE_OPTIONS = {
  user: { type: 'string' },
  client: { type: 'string' },
  service: { type: 'string' },
  'older-than': { type: 'string' },
} as const

export const CHOICE_HELP = `--user     Quilt user name or e-mail address
    --client   name, client id, or fingerprint
    --service  name in CONNECT_SERVICES
    --older-than  age since the approval, such as 30d or 12h`

export interface Choice {
  readonly user?: string | undefined
  readonly client?: string | undefined
  readonly service?: string | undefined
  readonly 'older-than'?: string | undefined
}

/** A client of live sessions, as an operator may name it. */
interface NamedClient {
  readonly fingerprint: string
  readonly name: string
  readonly place: string
}

/** The live sessions that match. @throws UsageError for a choice that is unknown or ambiguous */
export async function chooseSessions(
  { connections, config, now }: Pick<Steering, 'connections' | 'config' | 'now'>,
  { user, client, service, 'older-than': age }: Choice,
): Promise<Session[]> {
  const before = age === undefined ? Infinity : now() - secondsOf(age)
  const resource =
    service === undefined ? undefined : audienceOf(config.origin, requireService(config.services, service))
  const all = await connections.every(() => true)
  const fingerprint = client === undefined ? undefined : requireClient(all, client)
  return all.filter(
    (session) =>
      (user === undefined || isOf(session, user)) &&
      (fingerprint === undefined || fingerprintOf(session.clientId) === fingerprint) &&
      (resource === undefined || session.resource === resource) &&
      session.createdAt < before,
  )
}

/** Addresses are compared without case: a session that is missed is worse than one that ends in error. */
function isOf({ person }: Session, user: string): boolean {
  return person.name === user || person.email.toLowerCase() === user.toLowerCase()
}

export function requireService(services: readonly Service[], name: string): Service {
  const service = services.find((one) => one.name === name)
  if (service !== undefined) return service
  throw new UsageError(`"${name}" is not a service; one of ${services.map((one) => one.name).join(', ')}`)
}

/** @returns the fingerprint. @throws UsageError if no live session's client is named so, or several */
export function requireClient(sessions: readonly Session[], text: string): string {
  const clients = clientsOf(sessions)
  const exact = sessions.find(
    ({ clientId }) => clientId === text || fingerprintOf(clientId) === text.toLowerCase(),
  )
  if (exact !== undefined) return fingerprintOf(exact.clientId)
  const named = clients.filter(({ name }) => name.toLowerCase() === text.toLowerCase())
  const [one] = named
  if (one !== undefined && named.length === 1) return one.fingerprint
  const problem =
    named.length > 1 ? `"${text}" names ${named.length} clients` : `no live session has the client "${text}"`
  const choices = named.length > 1 ? named : clients
  const listed = choices.map(
    ({ fingerprint, name, place }) => `    ${fingerprint}  ${name}, returns to ${place}`,
  )
  throw new UsageError(
    [`${problem}; name it by its fingerprint${listed.length === 0 ? '' : ':'}`, ...listed].join('\n'),
  )
}

function clientsOf(sessions: readonly Session[]): NamedClient[] {
  const found = new Map<string, NamedClient>()
  for (const { clientId, clientName, redirectUri } of sessions) {
    const fingerprint = fingerprintOf(clientId)
    const place = redirectUri === undefined ? 'an unknown place' : placeOf(new URL(redirectUri))
    found.set(fingerprint, { fingerprint, name: clientName, place })
  }
  return [...found.values()]
}

/** How lists and the audit log name a session, without its id. */
export function sessionHash({ id }: Pick<Session, 'id'>): string {
  return sha256(id)
}

/** @param text - the session's id, its hash as in the audit log, or the beginning of that */
export function requireSession(sessions: readonly Session[], text: string): Session {
  const matching = sessions.filter(
    (session) =>
      session.id === text || (text.length >= MIN_PREFIX_CHARACTERS && sessionHash(session).startsWith(text)),
  )
  const [session, ...others] = matching
  if (session !== undefined && others.length === 0) return session
  throw new UsageError(
    session === undefined
      ? `no live session is named "${text}"; list them with npm run -s connect -- sessions`
      : `"${text}" begins the names of ${matching.length} sessions; write more of it: ${matching.map(sessionHash).join(', ')}`,
  )
}

function secondsOf(age: string): number {
  const [, digits, unit = ''] = /^(\d{1,5})([hd])$/.exec(age) ?? []
  const seconds = Number(digits) * (UNIT_SECONDS[unit] ?? NaN)
  if (Number.isFinite(seconds)) return seconds
  throw new UsageError(`--older-than: "${age}" is not an age; write hours or days, such as 12h or 30d`)
}
