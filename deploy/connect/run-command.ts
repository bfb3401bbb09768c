import { ConfigurationError, type Environment } from '../../core/config/environment.ts'
import { closest } from './closest.ts'
import { UsageError, type Output } from './command.ts'
import { COMMANDS, SUMMARIES, type CommandName } from './commands.ts'
import { withLocal } from './local-environment.ts'

const EXIT_USAGE = 2
const MAX_WORDS = 2
const NAMES = Object.keys(SUMMARIES) as CommandName[]

/** What a command writes to standard output and standard error, and its exit status. */
export interface Written {
  readonly stdout: string
  readonly stderr: string
  readonly status: number
}

/** `npm run connect`: the operator's commands. */
export async function runCommand(words: readonly string[], variables: Environment): Promise<Written> {
  try {
    const { args, environment } = await withLocal(words, variables)
    const { text, aside = '', exitCode } = (await helpFor(args)) ?? (await outputOf(args, environment))
    return { stdout: `${printable(text)}\n`, stderr: printable(aside), status: exitCode }
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConfigurationError)) throw error
    return { stdout: '', stderr: `${printable(error.message)}\n`, status: EXIT_USAGE }
  }
}

async function helpFor(args: readonly string[]): Promise<Output | undefined> {
  if (args.length === 0 || args[0] === '--help' || args[0] === 'help') {
    return { text: usage(NAMES), exitCode: 0 }
  }
  const group = groupOf(args[0] ?? '')
  if (args[1] !== '--help' || group.length === 0) return undefined
  const commands = await Promise.all(group.map((name) => COMMANDS[name]()))
  return { text: commands.map(({ help }) => help).join('\n'), exitCode: 0 }
}

async function outputOf(args: readonly string[], environment: Environment): Promise<Output> {
  const { name, rest } = find(args)
  const command = await COMMANDS[name]()
  return rest.includes('--help') ? { text: command.help, exitCode: 0 } : await command.run(rest, environment)
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
