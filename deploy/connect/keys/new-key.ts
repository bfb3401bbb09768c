import { randomBytes } from 'node:crypto'
import { CALLER_NAME, CALLER_USES, callerEntry } from '../../../consent-ui/callers/caller-keys.ts'
import { newSecret, type KeyKind, type KeyListEntry } from '../../../core/keys/keys.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'

const HELP = `keys new signing|sealing|audit [sign]   or   keys new operator NAME ${CALLER_USES.join('|')}
    prints a new entry of a key list; its use is "accept", to deploy before it signs, or "sign" for the
    first key of a list. Or the key of a program that calls consent-ui, and its entry of
    CONNECT_OPERATOR_KEYS.`

const SUFFIX_BYTES = 2

export const newKeyCommand: Command = { help: HELP, run }

function run(args: readonly string[]): Promise<Output> {
  const { positionals } = readArguments(HELP, args, {})
  const [kind, ...rest] = positionals
  const made = kind === 'operator' ? newCaller(rest) : newEntry(kind, rest)
  return Promise.resolve({ text: JSON.stringify(made), exitCode: 0 })
}

/** The id is the date and a random suffix. */
export function newKey(kind: KeyKind, use: 'sign' | 'accept'): KeyListEntry {
  const day = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)
  const id = `${day}-${randomBytes(SUFFIX_BYTES).toString('hex')}`
  return { id, secret: newSecret(kind), use }
}

function newEntry(kind: string | undefined, [use = 'accept', ...rest]: readonly string[]): KeyListEntry {
  if (kind !== 'signing' && kind !== 'sealing' && kind !== 'audit') {
    throw usageError('a new key is "signing", "sealing", "audit" or "operator"')
  }
  if ((use === 'sign' || use === 'accept') && rest.length === 0) return newKey(kind, use)
  throw usageError('the use of a new key is "sign" or "accept"')
}

function newCaller([caller = '', use, ...rest]: readonly string[]) {
  const known = CALLER_USES.find((one) => one === use)
  if (!CALLER_NAME.test(caller)) throw usageError('the name is 1 to 32 of a-z, 0-9 and -')
  if (known === undefined || rest.length > 0) throw usageError(`the use is ${CALLER_USES.join(' or ')}`)
  const key = newSecret('operator')
  return { key, entry: callerEntry(caller, known, key) }
}

function usageError(problem: string): UsageError {
  return new UsageError(`${problem}\n\n${HELP}`)
}
