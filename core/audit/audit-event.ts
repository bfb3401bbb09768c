import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { fingerprintOf } from '../clients/blocked-clients.ts'
import { sha256 } from '../keys/hash.ts'
import { withoutSecrets } from '../log/log-redaction.ts'
import type { AuditEntry, AuditName, DetailValue } from './audit-entry.ts'
import type { auditEvent } from './audit-schema.ts'

/** A line may be written in one piece only if it is short (line-writer.ts). */
const MAX_TEXT_LENGTH = 200
const MAX_LIST_LENGTH = 16
/** Tokens, codes and keys are longer. */
const MIN_SECRET_LENGTH = 16

const OCSF_VERSION = '1.8.0'
const SUCCESS = 1
const FAILURE = 2
const INFORMATIONAL = 1
const LOW = 2
const HIGH = 4

interface Classification {
  readonly class: 3002 | 3003 | 3004 | 3005 | 6003
  readonly activity: number
}

/** OCSF class and activity of each event. */
const CLASSES: Readonly<Record<AuditName, Classification>> = {
  AuditBegan: { class: 3004, activity: 8 },
  AuditCheckpoint: { class: 3004, activity: 99 },
  AuditEnded: { class: 3004, activity: 9 },
  AuditEventsLost: { class: 3004, activity: 99 },
  ConfigurationLoaded: { class: 3004, activity: 3 },
  SignIn: { class: 3002, activity: 1 },
  SignOut: { class: 3002, activity: 2 },
  ConsentGiven: { class: 3003, activity: 1 },
  ConsentRefused: { class: 3003, activity: 1 },
  SessionOpened: { class: 3003, activity: 1 },
  SessionRefreshed: { class: 3002, activity: 5 },
  TokenReplayed: { class: 3002, activity: 5 },
  SessionDowngraded: { class: 3005, activity: 2 },
  NoticeSent: { class: 6003, activity: 99 },
  SessionRevoked: { class: 3002, activity: 2 },
  SessionEnded: { class: 3002, activity: 2 },
  ClientRegistered: { class: 3004, activity: 1 },
  AdministrationOpened: { class: 3002, activity: 1 },
  AdministratorAction: { class: 3004, activity: 3 },
  RequestRefused: { class: 6003, activity: 99 },
  ToolCalled: { class: 6003, activity: 99 },
}

const ENTITIES: Readonly<Partial<Record<AuditName, string>>> = {
  ClientRegistered: 'OAuth client',
  ConfigurationLoaded: 'configuration',
  AdministratorAction: 'connections',
}

export type AuditEvent = z.output<typeof auditEvent>

/** Members with data of a person; docs/audit.md says how they are removed. */
export const PERSONAL_MEMBERS = [
  'userIdentity',
  'userAgent',
  'sourceIPAddress',
  'user',
  'actor',
  'src_endpoint',
] as const

type PersonalMember = (typeof PERSONAL_MEMBERS)[number]

export interface EventParts {
  readonly common: Omit<AuditEvent, PersonalMember>
  readonly personal: Pick<AuditEvent, PersonalMember>
}

/** Writes an entry in Quilt's event shape, with OCSF's fields beside it. Members that are undefined are not written. */
export function eventOf(
  entry: AuditEntry,
  source: { readonly part: string; readonly timeMs: number },
): EventParts {
  const {
    name,
    isSuccess = true,
    reason,
    by = 'connect',
    client,
    sessionId,
    service,
    access,
    operation,
  } = entry
  const { class: classUid, activity } = CLASSES[name]
  const status = isSuccess ? SUCCESS : FAILURE
  return {
    common: {
      eventVersion: '1.0',
      eventTime: new Date(source.timeMs).toISOString(),
      eventID: randomUUID(),
      eventSource: 'QuiltConnect',
      eventType: 'ConnectEvent',
      eventName: `Connect.${name}`,
      requestID: textOrNull(entry.origin?.requestId),
      requestParameters: {
        service,
        access,
        operation: short(operation),
        client: client === undefined ? undefined : fingerprintOf(client.id),
        clientName: short(client?.name),
        session: sessionId === undefined ? undefined : sha256(sessionId),
      },
      responseElements: null,
      errorCode: isSuccess ? null : (short(reason) ?? 'refused'),
      errorMessage: null,
      additionalEventData: { by, ...shortDetails(entry.details) },
      activity_id: activity,
      category_uid: Math.floor(classUid / 1000),
      class_uid: classUid,
      type_uid: classUid * 100 + activity,
      severity_id: severityOf(entry),
      status_id: status,
      status_detail: short(reason),
      time: source.timeMs,
      metadata: {
        product: { name: 'Quilt Connect', vendor_name: 'Quilt Data', feature: { name: source.part } },
        version: OCSF_VERSION,
      },
      ...classMembers(entry, classUid),
    },
    personal: personalMembers(entry, classUid),
  }
}

function severityOf({ name, isSuccess = true }: AuditEntry): number {
  if (name === 'TokenReplayed' || name === 'AuditEventsLost') return HIGH
  return isSuccess ? INFORMATIONAL : LOW
}

function classMembers(entry: AuditEntry, classUid: number) {
  const { service = 'connect', access = 'none', operation = 'unknown' } = entry
  switch (classUid) {
    case 3003:
    case 3005:
      return { service: { name: service }, privileges: [access] }
    case 3004:
      return { entity: entityOf(entry) }
    case 6003:
      return { service: { name: service }, api: { operation: cut(operation) } }
    default:
      return { service: { name: service } }
  }
}

function entityOf({ name, client }: AuditEntry): NonNullable<AuditEvent['entity']> {
  return { name: short(client?.name) ?? 'connect', type: ENTITIES[name] ?? 'audit log' }
}

function personalMembers({ person, origin = {} }: AuditEntry, classUid: number): EventParts['personal'] {
  const address = short(origin.address)
  const user = userOf(person)
  return {
    userIdentity: identityOf(person),
    userAgent: textOrNull(origin.userAgent),
    sourceIPAddress: textOrNull(address),
    ...(classUid === 3004 || classUid === 6003 ? { actor: { user } } : { user }),
    src_endpoint: address === undefined ? { name: 'unknown' } : { ip: address },
  }
}

function identityOf(person: AuditEntry['person']): AuditEvent['userIdentity'] {
  if (person === undefined) return null
  return { type: 'QuiltUser', userName: short(person.name), email: short(person.email) }
}

function userOf(person: AuditEntry['person'] = {}): NonNullable<AuditEvent['user']> {
  const [name, email] = [short(person.name), short(person.email)]
  return { name: name ?? email ?? 'unknown', email_addr: email }
}

function textOrNull(text: string | undefined): string | null {
  return short(text) ?? null
}

function short(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cut(text)
}

/** The redaction is a second line of defence: no caller passes a secret. */
function cut(text: string): string {
  if (text.length < MIN_SECRET_LENGTH) return text.toWellFormed()
  return withoutSecrets(text.slice(0, MAX_TEXT_LENGTH)).slice(0, MAX_TEXT_LENGTH).toWellFormed()
}

type Details = NonNullable<AuditEntry['details']>

function shortDetails(details: Details = {}): Record<string, DetailValue> {
  const short: Record<string, DetailValue> = {}
  for (const [name, value] of Object.entries(details))
    if (value !== undefined) short[name] = shortDetail(value)
  return short
}

function shortDetail(value: DetailValue): DetailValue {
  if (typeof value === 'string') return cut(value)
  return typeof value === 'object' ? value.slice(0, MAX_LIST_LENGTH).map(cut) : value
}
