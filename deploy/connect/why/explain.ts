import { causeOf, type Cause } from './cause.ts'
import type { RequestRecords } from './find-request.ts'
import { numberOf, textOf, type LogRecord } from './log-records.ts'
import { flagsInWords, type FlagInWords } from './words/envoy-flags.ts'

export interface Explanation extends Cause {
  readonly id: string
  /** Of the answer's x-request-id. */
  readonly envoyId: string | undefined
  readonly time: string | undefined
  readonly method: string | undefined
  readonly path: string | undefined
  readonly route: string | undefined
  readonly service: string | undefined
  /** Absent without a line of the access log. */
  readonly status: number | undefined
  readonly user: string | undefined
  readonly client: string | undefined
  readonly access: string | undefined
  readonly session: SessionThen | undefined
  readonly tokenKey: string | undefined
  readonly milliseconds: Latencies
  readonly flags: readonly FlagInWords[]
  readonly auditEvents: readonly string[]
  readonly lines: readonly LogRecord[]
}

/** The session at the time of the request. */
interface SessionThen {
  readonly from: string | undefined
  readonly ageSeconds: number | undefined
  readonly endsInSeconds: number | undefined
}

interface Latencies {
  readonly total: number | undefined
  /** As Envoy measured it, with the way there and back. */
  readonly authenticate: number | undefined
  readonly toolAccess: number | undefined
  /** As authz measured the check that refused. */
  readonly check: number | undefined
}

export function explain(records: RequestRecords): Explanation {
  const { id, access, lines, audit } = records
  const ofAuthz = lines.findLast(({ service }) => service === 'authz')
  const first = access ?? ofAuthz ?? lines[0] ?? audit[0]
  const time =
    textOf(ofAuthz, 'time') ?? textOf(access, 'time') ?? textOf(first, 'time') ?? textOf(first, 'eventTime')
  const either = (name: string, inAccess = name) => textOf(ofAuthz, name) ?? textOf(access, inAccess)
  return {
    id,
    envoyId: textOf(access, 'x_request_id'),
    time,
    method: textOf(access, 'method'),
    path: textOf(access, 'path'),
    route: textOf(access, 'route'),
    service: either('to_service'),
    status: numberOf(access, 'status'),
    ...causeOf(records),
    user: either('subject'),
    client: either('client', 'oauth_client'),
    access: either('access', 'session_access'),
    session: sessionThen(ofAuthz, Date.parse(time ?? '')),
    tokenKey: textOf(ofAuthz, 'tokenKey'),
    milliseconds: {
      total: numberOf(access, 'milliseconds'),
      authenticate: inMilliseconds(numberOf(access, 'authz_microseconds')),
      toolAccess: inMilliseconds(numberOf(access, 'tool_access_microseconds')),
      check: numberOf(ofAuthz, 'milliseconds'),
    },
    flags: flagsInWords(textOf(access, 'flags') ?? ''),
    auditEvents: audit.flatMap((event) => textOf(event, 'eventName') ?? []),
    lines,
  }
}

function sessionThen(line: LogRecord | undefined, timeMs: number): SessionThen | undefined {
  const from = textOf(line, 'sessionFrom')
  const openedMs = Date.parse(textOf(line, 'sessionOpenedAt') ?? '')
  const endsMs = Date.parse(textOf(line, 'sessionExpiresAt') ?? '')
  if (from === undefined && Number.isNaN(openedMs)) return undefined
  return { from, ageSeconds: seconds(timeMs - openedMs), endsInSeconds: seconds(endsMs - timeMs) }
}

function seconds(milliseconds: number): number | undefined {
  return Number.isNaN(milliseconds) ? undefined : Math.round(milliseconds / 1000)
}

function inMilliseconds(microseconds: number | undefined): number | undefined {
  return microseconds === undefined ? undefined : microseconds / 1000
}
