import type { Environment } from '../../../core/config/environment.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { table } from '../table.ts'
import { ENVIRONMENT_HELP, withSteering } from './steering.ts'

const HELP = `controls [--json]
    lists the clients that are blocked and the services that are stopped in Redis, by whom and since when, and the
    setting that keeps each if Redis is lost. ${ENVIRONMENT_HELP}
    --json     prints the result as JSON
    exit code  0: done; 2: the command could not be run`

export const listControls: Command = { help: HELP, run }

async function run(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, { json: { type: 'boolean', default: false } })
  if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}" is not an option\n\n${HELP}`)
  return await withSteering(environment, undefined, async ({ controls }) => {
    const { blocked, stopped } = await controls.read()
    if (values.json) return { text: JSON.stringify({ blocked, stopped }, null, 2), exitCode: 0 }
    const rows = [
      ...stopped.map(({ service, by, at }) => [
        'stopped',
        service,
        by,
        timeOf(at),
        `CONNECT_STOP=${service}`,
      ]),
      ...blocked.map(({ entry, by, at }) => [
        'blocked',
        entry,
        by,
        timeOf(at),
        `CONNECT_BLOCKED_CLIENTS=${entry}`,
      ]),
    ]
    if (rows.length === 0) return { text: 'nothing is blocked or stopped in Redis', exitCode: 0 }
    return { text: table(['WHAT', 'NAME', 'BY', 'SINCE', 'PERMANENT WITH'], rows).join('\n'), exitCode: 0 }
  })
}

function timeOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)}Z`
}
