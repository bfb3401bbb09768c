import type { Explanation } from './explain.ts'
import { numberOf, textOf, type LogRecord } from './log-records.ts'
import type { RequestRecords } from './find-request.ts'

const LABEL_WIDTH = 10
/** Sealed client ids are longer. */
const MAX_CLIENT_CHARACTERS = 60

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const SOURCES: Readonly<Record<string, string>> = {
  memory: "read from authz's memory",
  store: 'read from Redis',
  running_load: 'read from Redis together with another request',
  grace: "read from authz's memory, because Redis did not answer",
}

/** Writes an explanation for the operator. @param nearby - problems without a request, at that time */
export function show(explained: Explanation, nearby: readonly LogRecord[]): string {
  const { verdict, stage, reason, meaning, fix, told, status, flags, auditEvents, lines } = explained
  const answered = status === undefined ? '' : ` with ${status}`
  return [
    head(explained),
    row('verdict', `${verdict}${answered}, stage ${stage}`),
    row('why', reason === undefined ? meaning : `${meaning} (${reason})`),
    row('told', told),
    row('fix', fix),
    ...who(explained),
    ...sessionRows(explained),
    ...timeRows(explained),
    ...flags.map(({ flag, meaning: inWords }) => row('Envoy', `${flag}: ${inWords}`)),
    ...auditEvents.map((event) => row('audit', event)),
    ...lines.map((line) => row('log', brief(line))),
    ...nearby.map((line) => row('then', brief(line))),
    ...(status === undefined
      ? [row('note', "no line of Envoy's access log: it is not in these files, or the request is still open")]
      : []),
  ].join('\n')
}

/** Lists requests that one id may mean. */
export function showChoice(requests: readonly RequestRecords[]): string {
  const rows = requests.map(({ id, access }) => {
    const about = ['time', 'method', 'path'].map((name) => textOf(access, name) ?? '-').join(' ')
    return `    ${textOf(access, 'x_request_id') ?? id}  ${about}  ${textOf(access, 'status') ?? numberOf(access, 'status') ?? '-'}`
  })
  return [`${requests.length} requests; give one of these ids:`, ...rows].join('\n')
}

function head({ id, envoyId, time, method, path, route, service }: Explanation): string {
  const ids = envoyId === undefined || envoyId === id ? id : `${id} (${envoyId})`
  const where = [method, path].filter((each) => each !== undefined).join(' ')
  const to = service ?? route
  return `${ids}  ${where}${to === undefined ? '' : ` to ${to}`}, ${time ?? 'time unknown'}`
}

function who({ user, client, access }: Explanation): string[] {
  return [
    ...(user === undefined ? [] : [row('user', access === undefined ? user : `${user}, access ${access}`)]),
    ...(client === undefined ? [] : [row('client', cut(client))]),
  ]
}

function cut(text: string): string {
  return text.length <= MAX_CLIENT_CHARACTERS ? text : `${text.slice(0, MAX_CLIENT_CHARACTERS)}…`
}

function sessionRows({ session, tokenKey }: Explanation): string[] {
  const rows = tokenKey === undefined ? [] : [row('token', `names the signing key ${tokenKey}`)]
  if (session === undefined) return rows
  const { ageSeconds, endsInSeconds, from } = session
  const parts = [
    ...(ageSeconds === undefined ? ['not found'] : [`opened ${duration(ageSeconds)} before`]),
    ...(endsInSeconds === undefined
      ? []
      : [
          endsInSeconds > 0
            ? `had ${duration(endsInSeconds)} left`
            : `over since ${duration(-endsInSeconds)}`,
        ]),
    ...(from === undefined ? [] : [SOURCES[from] ?? from]),
  ]
  return [...rows, row('session', parts.join(', '))]
}

function duration(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${seconds} s`
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} minutes`
  return seconds < 2 * DAY ? `${Math.round(seconds / HOUR)} hours` : `${Math.round(seconds / DAY)} days`
}

function timeRows({ milliseconds: { total, authenticate, toolAccess, check } }: Explanation): string[] {
  const parts = [
    ['in all', total],
    ['authenticate', authenticate],
    ['tool_access', toolAccess],
    ["in authz's own time", check],
  ] as const
  const known = parts.flatMap(([name, value]) => (value === undefined ? [] : [`${value} ms ${name}`]))
  return known.length === 0 ? [] : [row('time', known.join(', '))]
}

/** A log line without what the explanation has. */
function brief(line: LogRecord): string {
  const { service, level, message, time, error, reason, description } = line
  const causes = [error, reason, description].filter((each) => typeof each === 'string').join('; ')
  const about = `${String(service)} ${String(level)}: ${String(message)}${causes === '' ? '' : ` (${causes})`}`
  return `${String(time)} ${about}`
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`
}
