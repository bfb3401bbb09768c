import process from 'node:process'
import { ConfigurationError, type Environment } from '../../core/config/environment.ts'
import { removePerson } from './audit/remove-person.ts'
import { verifyAudit } from './audit/verify.ts'
import { check } from './check/check.ts'
import { closest } from './closest.ts'
import { UsageError, type Command } from './command.ts'
import { envoyLint } from './envoy/lint.ts'
import { keyBundle, keysPublic, keysStatus } from './keys/key-lists.ts'
import { newKeyCommand } from './keys/new-key.ts'
import { replayPolicy } from './policy/replay.ts'
import { blockClient, unblockClient } from './steer/block-client.ts'
import { endUser } from './steer/end-user.ts'
import { listControls } from './steer/list-controls.ts'
import { relink } from './steer/relink.ts'
import { revokeSessions } from './steer/revoke.ts'
import { listSessions } from './steer/sessions.ts'
import { resume, stop } from './steer/stop.ts'
import { why } from './why/why.ts'

/** Every command, by its words. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['check', check],
  ['why', why],
  ['sessions', listSessions],
  ['revoke', revokeSessions],
  ['end-user', endUser],
  ['relink', relink],
  ['block-client', blockClient],
  ['unblock-client', unblockClient],
  ['stop', stop],
  ['resume', resume],
  ['controls', listControls],
  ['audit verify', verifyAudit],
  ['audit remove-person', removePerson],
  ['policy replay', replayPolicy],
  ['keys new', newKeyCommand],
  ['keys bundle', keyBundle],
  ['keys public', keysPublic],
  ['keys status', keysStatus],
  ['envoy lint', envoyLint],
])

const EXIT_USAGE = 2
const MAX_WORDS = 2

/** `npm run connect`: the operator's commands. */
async function run(args: readonly string[], environment: Environment): Promise<number> {
  if (args.length === 0 || args[0] === '--help' || args[0] === 'help') {
    process.stdout.write(`${usage([...COMMANDS.values()])}\n`)
    return 0
  }
  const group = groupOf(args[0] ?? '')
  if (args[1] === '--help' && group.length > 0) {
    process.stdout.write(`${group.map(({ help }) => help).join('\n')}\n`)
    return 0
  }
  const { command, rest } = find(args)
  if (rest.includes('--help')) {
    process.stdout.write(`${command.help}\n`)
    return 0
  }
  const { text, exitCode } = await command.run(rest, environment)
  process.stdout.write(`${text}\n`)
  return exitCode
}

/** @throws UsageError, with the commands of the same group or the one that was probably meant */
function find(args: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  for (let count = MAX_WORDS; count > 0; count -= 1) {
    const command = COMMANDS.get(args.slice(0, count).join(' '))
    if (command !== undefined) return { command, rest: args.slice(count) }
  }
  const [first = ''] = args
  const group = groupOf(first)
  const words = args
    .slice(0, MAX_WORDS)
    .filter((word) => !word.startsWith('-'))
    .join(' ')
  const problem = `"${words}" is not a command`
  if (group.length > 0) throw new UsageError(`${problem}\n\n${usage(group)}`)
  const names = [...COMMANDS.keys()]
  const meant = closest(words, names) ?? closest(first, names)
  const question = meant === undefined ? '' : `; did you mean "${meant}"?`
  throw new UsageError(`${problem}${question}\n\n${usage([...COMMANDS.values()])}`)
}

/** Commands whose first word is this one. */
function groupOf(word: string): readonly Command[] {
  return [...COMMANDS].filter(([name]) => name.startsWith(`${word} `)).map(([, command]) => command)
}

function usage(commands: readonly Command[]): string {
  const rows = commands.map(({ help }) => `    ${help.split('\n')[0] ?? ''}`)
  return ['npm run -s connect -- COMMAND [--help]', ...rows].join('\n')
}

try {
  process.exitCode = await run(process.argv.slice(2), process.env)
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigurationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = EXIT_USAGE
}
