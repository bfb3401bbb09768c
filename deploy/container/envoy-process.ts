import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { RunEnvoyConfig } from './config.ts'

/** JSON, as the access log; `%j` is the message, escaped. */
const LOG_FORMAT = '{"time":"%Y-%m-%dT%T.%fZ","level":"%l","service":"envoy","component":"%n","message":"%j"}'
/** It warns about fields that Envoy calls work in progress (custom_response). */
const QUIET = 'misc:error'
/** The log is a pipe, which Envoy otherwise fills at most every ten seconds. */
const LOG_FLUSH_MS = '1000'

export class RefusedByEnvoy extends Error {
  constructor(reason: string) {
    super(`Envoy refuses the configuration:\n${reason}`)
    this.name = 'RefusedByEnvoy'
  }
}

/**
 * Writes the configuration beside the admin socket, and has Envoy validate it.
 *
 * @throws RefusedByEnvoy
 */
export async function writeValidConfig(
  { envoyBinary, edge }: RunEnvoyConfig,
  rendered: string,
  signal: AbortSignal,
): Promise<string> {
  const file = join(dirname(edge.adminSocket), 'envoy.yaml')
  await writeFile(file, rendered, { mode: 0o600 })
  const args = ['--mode', 'validate', '-c', file, '--log-level', 'error', '--log-format', '%v']
  await promisify(execFile)(envoyBinary, args, { env: {}, signal }).catch((error: unknown) => {
    if (signal.aborted) throw error
    const { syscall, stderr = '' } = error as { syscall?: string; stderr?: string }
    throw syscall === undefined ? new RefusedByEnvoy(stderr.trim()) : error
  })
  return file
}

/** Starts Envoy, which writes only into the folder of its admin socket and inherits no variable. */
export function startEnvoy(config: RunEnvoyConfig, file: string): ChildProcess {
  const { envoyBinary, concurrency, drainSeconds } = config
  const args = [
    ...['-c', file, '--concurrency', String(concurrency)],
    // Hot restart needs shared memory, and a container runs one Envoy.
    '--disable-hot-restart',
    ...['--drain-time-s', String(drainSeconds), '--drain-strategy', 'immediate'],
    ...['--log-level', 'warning', '--component-log-level', QUIET, '--log-format', LOG_FORMAT],
    ...['--file-flush-interval-msec', LOG_FLUSH_MS],
  ]
  return spawn(envoyBinary, args, { env: {}, stdio: ['ignore', 'inherit', 'inherit'] })
}
