import process from 'node:process'
import { ConfigurationError, type Environment } from '../../core/config/environment.ts'
import { removePerson } from './audit/remove-person.ts'
import { verifyAudit } from './audit/verify.ts'
import { UsageError, type Command } from './command.ts'

/** Every command, by its words. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['audit verify', verifyAudit],
  ['audit remove-person', removePerson],
])

const EXIT_USAGE = 2

/** `npm run connect`: the operator's commands. */
async function run(args: readonly string[], environment: Environment): Promise<number> {
  const words = args.slice(0, 2)
  const command = COMMANDS.get(words.join(' '))
  if (command === undefined) {
    if (args.length === 0 || args[0] === '--help') {
      process.stdout.write(`${usage()}\n`)
      return 0
    }
    throw new UsageError(`"${words.join(' ')}" is not a command\n\n${usage()}`)
  }
  if (args.includes('--help')) {
    process.stdout.write(`${command.help}\n`)
    return 0
  }
  const { text, exitCode } = await command.run(args.slice(2), environment)
  process.stdout.write(`${text}\n`)
  return exitCode
}

function usage(): string {
  const rows = [...COMMANDS.values()].map(({ help }) => help.split('\n')[0])
  return ['npm run -s connect -- COMMAND [--help]', ...rows.map((row) => `    ${row ?? ''}`)].join('\n')
}

try {
  process.exitCode = await run(process.argv.slice(2), process.env)
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigurationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = EXIT_USAGE
}
