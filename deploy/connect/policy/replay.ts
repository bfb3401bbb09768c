import { readFile } from 'node:fs/promises'
import type { Service } from '../../../core/services/service.ts'
import { readServiceList } from '../../../core/services/service-list.ts'
import { readLines } from '../audit/read-lines.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { table } from '../table.ts'
import { isDecision, readRecord, type AuditRecord } from './audit-record.ts'
import { RecordedPolicy } from './recorded-policy.ts'
import { ReplayReport } from './replay-report.ts'

const HELP = `policy replay FILE... --services NEW.yaml [--json]
    decides the recorded requests again as authz would with another list of services, and names the users, clients
    and tools for which the outcome differs. Nothing is changed.
    FILE        files of the audit log, of authz and of consent-ui, which say what each session was granted
    --services  the new list (YAML or JSON), as CONNECT_SERVICES has it
    --json      prints the result as JSON
    exit code   0: no outcome differs; 1: some differ; 2: the command could not be run`

export const replayPolicy: Command = { help: HELP, run: replay }

async function replay(args: readonly string[]): Promise<Output> {
  const { values, positionals: files } = readArguments(HELP, args, {
    services: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  if (files.length === 0 || values.services === undefined) {
    throw new UsageError(`name at least one file of the audit log, and --services\n\n${HELP}`)
  }
  const services = await readServices(values.services)
  const policy = new RecordedPolicy()
  // Twice: what a session was granted may be in a later file than its requests.
  await eachRecord(files, (record) => policy.read(record))
  const report = new ReplayReport(policy, services)
  const unreadable = await eachRecord(files, (record) => {
    if (isDecision(record)) report.add(record)
  })
  const result = report.result(unreadable)
  if (result.asBefore + result.changed + result.unjudged === 0) {
    throw new UsageError(`${files.join(', ')}: no request is recorded, so nothing can be replayed`)
  }
  return {
    text: values.json ? JSON.stringify(result, null, 2) : describe(result),
    exitCode: result.changed > 0 ? 1 : 0,
  }
}

/** @returns how many lines of the audit log could not be read */
async function eachRecord(
  files: readonly string[],
  onRecord: (record: AuditRecord) => void,
): Promise<number> {
  let unreadable = 0
  for (const file of files) {
    await readLines(file, (text) => {
      const record = readRecord(text)
      if (record === 'unreadable') unreadable += 1
      else if (record !== undefined) onRecord(record)
    })
  }
  return unreadable
}

/** @throws UsageError with each problem */
async function readServices(file: string): Promise<readonly Service[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new UsageError(`--services: ${file} cannot be read (${code})`)
  })
  const { data, error } = readServiceList(text)
  if (data !== undefined) return data
  const problems = error.issues.map(({ path, message }) => `  - ${path.join('.')} ${message}`)
  throw new UsageError(`--services: ${file} is not a list of services:\n${problems.join('\n')}`)
}

type Result = ReturnType<ReplayReport['result']>

const HEAD = ['user', 'client', 'service', 'operation', 'was', 'becomes', 'requests', 'last']

function describe({ asBefore, changed, unjudged, differences, reasons }: Result): string {
  const rows = differences.map(({ user, client, service, operation, was, becomes, requests, last }) => [
    user ?? '-',
    client ?? '-',
    service ?? '-',
    operation ?? '-',
    was,
    becomes,
    String(requests),
    last,
  ])
  return [
    ...(changed === 0 ? [] : [...table(HEAD, rows), '']),
    `${changed} requests would be decided differently, ${asBefore} as before, ${unjudged} could not be judged`,
    ...reasons.map(({ reason, requests }) => `  ${requests}: ${reason}`),
  ].join('\n')
}
