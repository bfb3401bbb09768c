import process from 'node:process'
import { ConfigurationError } from '../config/environment.ts'
import { describeError } from './describe-error.ts'
import { createLog } from './log.ts'

/** Runs a service until it exits. An error that ends it is one line of its log, without secrets. */
export async function runService(name: string, run: () => Promise<void>): Promise<void> {
  const end = (error: unknown): never => {
    const log = createLog(name, 'info')
    if (error instanceof ConfigurationError) log.fatal({ problems: error.problems }, 'configuration refused')
    else log.fatal({ error: describeError(error), at: framesOf(error) }, 'ended by an error')
    process.exit(1)
  }
  process.on('uncaughtException', end)
  await run().catch(end)
}

function framesOf(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : []
  return lines.filter((line) => line.startsWith('    at ')).map((line) => line.trim())
}
