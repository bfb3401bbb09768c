import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const MAX_OUTPUT_BYTES = 64 * 1_048_576

/**
 * Runs a program of the machine.
 *
 * @returns what it printed, without the last line end
 * @throws Error with what it wrote to standard error
 */
export async function run(command: string, args: readonly string[], env = process.env): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: MAX_OUTPUT_BYTES, env })
  return stdout.trimEnd()
}
