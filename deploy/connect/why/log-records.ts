/** A JSON object of a log. */
export type LogRecord = Readonly<Record<string, unknown>>

/** A line of an export of CloudWatch that is written over several lines. */
const EXPORTED_MEMBER = /^\s*"(?:@?message|value)":\s*("(?:[^"\\]|\\.)*")\s*,?\s*$/

/**
 * Finds the objects of a log line: the line itself, behind a process' name or a time, or in an export of CloudWatch
 * (`filter-log-events`, `get-query-results`, `tail`, S3, subscriptions), whose events hold the line as a text.
 */
export function recordsIn(line: string): readonly LogRecord[] {
  const [, member] = EXPORTED_MEMBER.exec(line) ?? []
  if (member !== undefined) return recordsIn(JSON.parse(member) as string)
  const value = parse(line.trim()) ?? parse(line.slice(Math.max(0, line.indexOf('{'))))
  return objectsIn(value)
}

function objectsIn(value: unknown): readonly LogRecord[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  if (typeof value !== 'object' || value === null) return []
  const record = value as LogRecord
  const lines = [record.message, record['@message'], record.value].filter(isLine)
  if (lines.length > 0) return lines.flatMap(recordsIn)
  const lists = [record.events, record.logEvents, record.results].filter(Array.isArray)
  return lists.length > 0 ? lists.flatMap(objectsIn) : [record]
}

function isLine(text: unknown): text is string {
  return typeof text === 'string' && text.includes('{"')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function textOf(record: LogRecord | undefined, name: string): string | undefined {
  const value = record?.[name]
  return typeof value === 'string' ? value : undefined
}

/** Envoy writes some numbers as texts. */
export function numberOf(record: LogRecord | undefined, name: string): number | undefined {
  const value = record?.[name]
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
