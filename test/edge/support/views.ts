import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { until } from '../../support/until.ts'
import type { Question } from './authz-witness.ts'
import type { EdgeStack } from './edge-stack.ts'
import type { EdgeAnswer } from './http1.ts'
import type { Received } from './http-witness.ts'

/** A header with the test's name of a request, which every server forwards. */
export const PROBE = 'x-probe'

/** One request as each server logged it. */
export interface Views {
  readonly atPlatform: readonly Received[]
  readonly atConsentUi: readonly Received[]
  readonly atFiles: readonly Received[]
  readonly questions: readonly Question[]
  /** Of Envoy's access log; undefined without a request id. */
  readonly line: AccessLine | undefined
}

export interface AccessLine {
  readonly request: string
  readonly path?: string
  readonly route?: string
  readonly to_service?: string
  readonly client?: string
  readonly details?: string
}

/** @param probe - the request's name */
export function viewsOf(stack: EdgeStack, probe: string, line?: AccessLine): Views {
  return {
    atPlatform: named(probe, stack.atPlatform, probeOf),
    atConsentUi: named(probe, stack.atConsentUi, probeOf),
    atFiles: named(probe, stack.atFiles, probeOf),
    questions: named(probe, stack.authz.questions, (question) => question.values(PROBE)[0]),
    line,
  }
}

function probeOf({ headers }: Received): string | undefined {
  return headers[PROBE]?.toString()
}

interface Index {
  read: number
  readonly entries: Map<string | undefined, object[]>
}

/** Of each list, what was read of it already. The lists have thousands of entries, and only grow. */
const indexes = new WeakMap<readonly object[], Index>()

function named<Entry extends object>(
  probe: string,
  list: readonly Entry[],
  nameOf: (entry: Entry) => string | undefined,
): readonly Entry[] {
  const index: Index = indexes.get(list) ?? { read: 0, entries: new Map() }
  indexes.set(list, index)
  for (const entry of list.slice(index.read)) {
    const name = nameOf(entry)
    index.entries.set(name, [...(index.entries.get(name) ?? []), entry])
  }
  index.read = list.length
  return (index.entries.get(probe) ?? []) as Entry[]
}

/** Of each stack's lines, what was read of them already. */
const logs = new WeakMap<readonly string[], { read: number; readonly entries: Map<string, AccessLine> }>()

/** The access log by request id, once it has the lines of all these answers. */
export async function accessLog(
  { lines }: Pick<EdgeStack, 'lines'>,
  answers: readonly EdgeAnswer[],
): Promise<ReadonlyMap<string, AccessLine>> {
  const wanted = answers.map(requestId).filter((id) => id !== undefined)
  const log = logs.get(lines) ?? { read: 0, entries: new Map<string, AccessLine>() }
  logs.set(lines, log)
  await until(() => {
    for (; log.read < lines.length; log.read += 1) {
      const line = lines[log.read] ?? ''
      if (!line.startsWith('envoy {"')) continue
      const entry = JSON.parse(line.slice('envoy '.length)) as AccessLine
      log.entries.set(entry.request, entry)
    }
    return wanted.every((id) => log.entries.has(id))
  }, 'the access log')
  return log.entries
}

export function requestId({ headers }: EdgeAnswer): string | undefined {
  return headers.get('x-request-id')?.[0]
}

const PYTHON = `import json, sys, urllib.parse
print(json.dumps([[u.scheme, u.netloc, u.path, u.query, u.fragment]
  for u in map(urllib.parse.urlsplit, json.load(sys.stdin))]))`

/** Each target as Python's urllib.parse splits it: scheme, host, path, query, fragment. */
export async function splitByPython(targets: readonly string[]): Promise<readonly string[][]> {
  const running = promisify(execFile)('python3', ['-c', PYTHON])
  running.child.stdin?.end(JSON.stringify(targets))
  return JSON.parse((await running).stdout) as string[][]
}
