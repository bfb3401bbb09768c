import { mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import type { ProcessName } from './processes/process-spec.ts'

const NAME_WIDTH = 'identity-provider'.length
const COLOURS: Readonly<Record<ProcessName, number>> = {
  valkey: 35,
  'identity-provider': 33,
  registry: 36,
  'platform-mcp': 32,
  files: 96,
  authz: 34,
  'consent-ui': 95,
  envoy: 90,
}

export interface Output {
  /** A log line, or a crash or restart. */
  readonly write: (from: ProcessName, line: string) => void
  /** A crash or restart. */
  readonly announce?: (from: ProcessName, line: string) => void
}

export const VERBOSE_OUTPUT: Output = {
  write(from, line) {
    const name = from.padEnd(NAME_WIDTH)
    const prefix = process.stdout.isTTY ? `\u001b[${COLOURS[from]}m${name}\u001b[0m` : name
    process.stdout.write(`${prefix} | ${line}\n`)
  },
}

/** Writes log lines to a file of the user's own, and prints crashes and restarts only. */
export function outputTo(file: string): Output {
  let descriptor: number | undefined
  return {
    write(from, line) {
      descriptor ??= create(file)
      writeSync(descriptor, `${from.padEnd(NAME_WIDTH)} | ${line}\n`)
    },
    announce: (from, line) => console.log(`${from} ${line}`),
  }
}

function create(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return openSync(file, 'w', 0o600)
}
