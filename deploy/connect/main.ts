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
import { withLocal } from './local-environment.ts'
import { replayPolicy } from './policy/replay.ts'
import { blockClient, unblockClient } from './steer/block-client.ts'
import { endUser } from './steer/end-user.ts'
import { listControls } from './steer/list-controls.ts'
import { relink } from './steer/relink.ts'
import { revokeSessions } from './steer/revoke.ts'
import { listSessions } from './steer/sessions.ts'
import { resume, stop } from './steer/stop.ts'
import { why } from './why/why.ts'

/** Every command, by its words, with what it does. */
const COMMANDS: ReadonlyMap<string, Command & { readonly summary: string }> = new Map([
  ['check', { ...check, summary: 'says of each part whether it is set up right, and the fix' }],
  ['why', { ...why, summary: 'explains why a request was refused' }],
  ['sessions', { ...listSessions, summary: 'lists live sessions' }],
  ['revoke', { ...revokeSessions, summary: 'ends sessions' }],
  ['end-user', { ...endUser, summary: 'ends every session of a person' }],
  ['relink', { ...relink, summary: 'lets a person sign in whose account was made anew' }],
  ['block-client', { ...blockClient, summary: 'refuses a client everywhere' }],
  ['unblock-client', { ...unblockClient, summary: 'undoes block-client' }],
  ['stop', { ...stop, summary: 'stops a service, or everything, in an emergency' }],
  ['resume', { ...resume, summary: 'undoes stop' }],
  ['controls', { ...listControls, summary: 'lists what is blocked and stopped' }],
  ['audit verify', { ...verifyAudit, summary: 'shows that no audit line was changed or removed' }],
  ['audit remove-person', { ...removePerson, summary: 'removes a person from audit files' }],
  ['policy replay', { ...replayPolicy, summary: 'decides recorded requests with another list of services' }],
  ['keys new', { ...newKeyCommand, summary: 'makes a key' }],
  ['keys bundle', { ...keyBundle, summary: 'makes every key of a new installation' }],
  ['keys public', { ...keysPublic, summary: 'prints the public keys that authz needs' }],
  ['keys status', { ...keysStatus, summary: 'says which keys are still in use' }],
  ['envoy lint', { ...envoyLint, summary: 'proves that the gate of an Envoy configuration is shut' }],
])

const EXIT_USAGE = 2
const MAX_WORDS = 2

/** `npm run connect`: the operator's commands. */
async function run(args: readonly string[], environment: Environment): Promise<number> {
  if (args.length === 0 || args[0] === '--help' || args[0] === 'help') {
    process.stdout.write(`${usage([...COMMANDS])}\n`)
    return 0
  }
  const group = groupOf(args[0] ?? '')
  if (args[1] === '--help' && group.length > 0) {
    process.stdout.write(`${group.map(([, { help }]) => help).join('\n')}\n`)
    return 0
  }
  const { command, rest } = find(args)
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
  throw new UsageError(`${problem}${question}\n\n${usage([...COMMANDS])}`)
}

type Named = readonly [words: string, command: Command & { readonly summary: string }]

/** Commands whose first word is this one. */
function groupOf(word: string): readonly Named[] {
  return [...COMMANDS].filter(([words]) => words.startsWith(`${word} `))
}

function usage(commands: readonly Named[]): string {
  const width = Math.max(...commands.map(([words]) => words.length))
  const rows = commands.map(([words, { summary }]) => `  ${words.padEnd(width)}  ${summary}`)
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
