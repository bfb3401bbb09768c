import process from 'node:process'
import { ConfigurationError, type Environment } from '../../core/config/environment.ts'
import { closest } from './closest.ts'
import { UsageError } from './command.ts'
import { COMMANDS, SUMMARIES, type CommandName } from './commands.ts'
import { withLocal } from './local-environment.ts'

const EXIT_USAGE = 2
const MAX_WORDS = 2
const NAMES = Object.keys(SUMMARIES) as CommandName[]

/** `npm run connect`: the operator's commands. */
async function run(args: readonly string[], environment: Environment): Promise<number> {
  if (args.length === 0 || args[0] === '--help' || args[0] === 'help') {
    process.stdout.write(`${usage(NAMES)}\n`)
    return 0
  }
  const group = groupOf(args[0] ?? '')
  if (args[1] === '--help' && group.length > 0) {
    const commands = await Promise.all(group.map((name) => COMMANDS[name]()))
    process.stdout.write(`${commands.map(({ help }) => help).join('\n')}\n`)
    return 0
  }
  const { name, rest } = find(args)
  const command = await COMMANDS[name]()
  if (rest.includes('--help')) {
    process.stdout.write(`${command.help}\n`)
    return 0
  }
  const { text, exitCode } = await command.run(rest, environment)
  process.stdout.write(`${printable(text)}\n`)
  return exitCode
}

/** Log lines and names hold what clients sent: no control character of theirs may reach the operator's terminal. */
function printable(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** @throws UsageError, with the commands of the same group or the one that was probably meant */
function find(args: readonly string[]): { readonly name: CommandName; readonly rest: readonly string[] } {
  for (let count = MAX_WORDS; count > 0; count -= 1) {
    const words = args.slice(0, count).join(' ')
    const name = NAMES.find((one) => one === words)
    if (name !== undefined) return { name, rest: args.slice(count) }
  }
  const [first = ''] = args
  const group = groupOf(first)
  const words = args
    .slice(0, MAX_WORDS)
    .filter((word) => !word.startsWith('-'))
    .join(' ')
  const problem = `"${words}" is not a command`
  if (group.length > 0) throw new UsageError(`${problem}\n\n${usage(group)}`)
  const meant = closest(words, NAMES) ?? closest(first, NAMES)
  const question = meant === undefined ? '' : `; did you mean "${meant}"?`
  throw new UsageError(`${problem}${question}\n\n${usage(NAMES)}`)
}

/** Commands whose first word is this one. */
function groupOf(word: string): readonly CommandName[] {
  return NAMES.filter((name) => name.startsWith(`${word} `))
}

function usage(names: readonly CommandName[]): string {
  const width = Math.max(...names.map((name) => name.length))
  const rows = names.map((name) => `  ${name.padEnd(width)}  ${SUMMARIES[name]}`)
  return [
    'npm run -s connect -- COMMAND [--help]',
    '',
    ...rows,
    '',
    'With --local[=PORT], a command works on the stack that npm start runs.',
  ].join('\n')
}

try {
  const { args, environment } = await withLocal(process.argv.slice(2), process.env)
  process.exitCode = await run(args, environment)
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigurationError)) throw error
  process.stderr.write(`${printable(error.message)}\n`)
  process.exitCode = EXIT_USAGE
}
