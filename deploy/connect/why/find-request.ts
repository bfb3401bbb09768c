import { readLines } from '../audit/read-lines.ts'
import { recordsIn, textOf, type LogRecord } from './log-records.ts'

const BEFORE_MS = 60_000
const AFTER_MS = 5000
const MAX_NEARBY = 8

/** What the logs say of one request. */
export interface RequestRecords {
  /** The id that every part logs. */
  readonly id: string
  /** Envoy's access log. */
  readonly access: LogRecord | undefined
  /** Of authz, consent-ui, the Registry and other servers behind, in the order of the files. */
  readonly lines: readonly LogRecord[]
  /** The audit log. */
  readonly audit: readonly LogRecord[]
}

/** @param id - or its beginning. @returns every request that it may mean. @throws UsageError if a file cannot be read */
export async function findRequests(files: readonly string[], id: string): Promise<readonly RequestRecords[]> {
  const found = await recordsWith(files, id)
  const access = found.filter((record) => isAccess(record) && hasId(record, id))
  const shared = new Set(
    found.filter((record) => hasId(record, id)).flatMap((record) => sharedId(record) ?? []),
  )
  const requests: RequestRecords[] = []
  for (const each of shared) {
    const records = each.startsWith(id) ? found : await recordsWith(files, each)
    const ofRequest = records.filter((record) => sharedId(record) === each)
    const attempts = access.filter((record) => sharedId(record) === each)
    const rest = {
      id: each,
      lines: ofRequest.filter((record) => !isAccess(record) && !isAudit(record)),
      audit: ofRequest.filter(isAudit),
    }
    // A client may have sent the same trace id twice.
    if (attempts.length === 0) requests.push({ ...rest, access: ofRequest.find(isAccess) })
    for (const line of attempts) requests.push({ ...rest, access: line })
  }
  return requests
}

/** Warnings and errors without a request, around a time: they tell why a part was unavailable. */
export async function findNearbyProblems(
  files: readonly string[],
  timeMs: number,
): Promise<readonly LogRecord[]> {
  const nearby: LogRecord[] = []
  for (const file of files) {
    await readLines(file, (line) => {
      if (!/level\\?":\\?"(?:warn|error|fatal)/.test(line)) return
      for (const record of recordsIn(line)) {
        const atMs = Date.parse(textOf(record, 'time') ?? '')
        const isNear = atMs >= timeMs - BEFORE_MS && atMs <= timeMs + AFTER_MS
        if (isNear && record.request === undefined && isProblem(record)) nearby.push(record)
        if (nearby.length > MAX_NEARBY) nearby.shift()
      }
    })
  }
  return nearby
}

async function recordsWith(files: readonly string[], text: string): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (const file of files) {
    await readLines(file, (line) => {
      if (line.includes(text))
        records.push(...recordsIn(line).filter((record) => sharedId(record) !== undefined))
    })
  }
  return records
}

function hasId(record: LogRecord, id: string): boolean {
  return [sharedId(record), textOf(record, 'x_request_id')].some((each) => each?.startsWith(id) === true)
}

function sharedId(record: LogRecord): string | undefined {
  return textOf(record, 'request') ?? textOf(record, 'requestID')
}

function isAccess({ service }: LogRecord): boolean {
  return service === 'envoy'
}

function isAudit({ eventName }: LogRecord): boolean {
  return eventName !== undefined
}

function isProblem({ level }: LogRecord): boolean {
  return level === 'warn' || level === 'error' || level === 'fatal'
}
