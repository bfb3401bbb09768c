import process from 'node:process'
import type { ProcessName } from './processes/process-spec.ts'

const NAME_WIDTH = 'identity-provider'.length
/** ANSI colours, one for each part, where there is a terminal to show them. */
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

/** Writes a line of a part, with its name in front. */
export function writeLine(from: ProcessName, line: string): void {
  const name = from.padEnd(NAME_WIDTH)
  const prefix = process.stdout.isTTY ? `\u001b[${COLOURS[from]}m${name}\u001b[0m` : name
  process.stdout.write(`${prefix} | ${line}\n`)
}
