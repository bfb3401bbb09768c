import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { explain } from './explain.ts'
import { findNearbyProblems, findRequests } from './find-request.ts'
import { show, showChoice } from './show.ts'

const HELP = `why REQUEST_ID [--logs FILE...] [--json]
    explains from the logs why a request was refused or failed: stage, reason, session, latencies, and the fix
    REQUEST_ID  the answer's x-request-id, or the load balancer's trace id (1-…); its beginning is enough
    --logs      log files of Envoy, authz and consent-ui, audit logs, or exports of CloudWatch; gzip is read
                too. By default those that npm start wrote in this folder (.local).
    --json      prints the result as JSON
    exit code   0: explained; 1: not found, or several requests have this id; 2: the command could not be run`

const LOCAL_FOLDER = join(import.meta.dirname, '../../../.local')
/** Shorter ones mean too many requests. */
const MIN_ID_CHARACTERS = 6
const ID = /^[\w-]{1,64}$/

export const why: Command = { help: HELP, run }

async function run(args: readonly string[]): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, {
    logs: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  })
  const [given, ...more] = positionals
  if (given === undefined) throw new UsageError(`name the request\n\n${HELP}`)
  const id = given.replace(/^Root=/, '')
  if (!ID.test(id) || id.length < MIN_ID_CHARACTERS) {
    throw new UsageError(
      `"${given}" is not the id of a request, or less than ${MIN_ID_CHARACTERS} characters of one`,
    )
  }
  const files = [...values.logs, ...more]
  return await explainFrom(files.length > 0 ? files : defaultLogs(), id, values.json)
}

async function explainFrom(files: readonly string[], id: string, isJson: boolean): Promise<Output> {
  const requests = await findRequests(files, id)
  const [request] = requests
  if (request === undefined) {
    const text = `no line names the request ${id}; searched: ${files.join(', ')}`
    return { text: isJson ? JSON.stringify({ found: 0, searched: files }) : text, exitCode: 1 }
  }
  if (requests.length > 1) {
    const ids = requests.map(({ id: shared, access }) => access?.x_request_id ?? shared)
    const text = isJson ? JSON.stringify({ found: ids.length, requests: ids }) : showChoice(requests)
    return { text, exitCode: 1 }
  }
  const explained = explain(request)
  const timeMs = Date.parse(explained.time ?? '')
  const nearby = explained.verdict === 'unavailable' ? await findNearbyProblems(files, timeMs) : []
  const text = isJson ? JSON.stringify({ found: 1, ...explained, nearby }, null, 2) : show(explained, nearby)
  return { text, exitCode: 0 }
}

/** @throws UsageError where npm start has not run */
function defaultLogs(): readonly string[] {
  const names = existsSync(LOCAL_FOLDER) ? readdirSync(LOCAL_FOLDER) : []
  const logs = names.filter((name) => /\.(?:log|jsonl)$/.test(name)).map((name) => join(LOCAL_FOLDER, name))
  if (logs.length > 0) return logs
  throw new UsageError('npm start has written no log here: name the log files with --logs')
}
