import { parseArgs } from 'node:util'
import { CALLER_NAME, CALLER_USES, type CallerUse } from '../../consent-ui/callers/caller-keys.ts'
import type { KeyKind } from '../../core/keys/keys.ts'

export class UsageError extends Error {
  constructor(problem: string) {
    super(`${problem}\n\n${USAGE}`)
    this.name = 'UsageError'
  }
}

const USAGE = `npm run -s keys -- new signing|sealing|audit [sign]
    prints a new entry of a key list; its use is "accept", to deploy before it signs, or "sign" for
    the first key of a list
npm run -s keys -- new operator NAME ${CALLER_USES.join('|')}
    prints the key of a program that calls consent-ui, and its entry of CONNECT_OPERATOR_KEYS
npm run -s keys -- bundle
    prints the lists as one secret, {"signing":…,"sealing":…,"audit":…}, and on standard error
    CONNECT_PUBLIC_KEYS; from CONNECT_ORIGIN, CONNECT_SIGNING_KEYS, CONNECT_SEALING_KEYS and, if it is set,
    AUDIT_KEYS; or new lists if none is set
npm run -s keys -- public
    prints CONNECT_PUBLIC_KEYS for authz, from CONNECT_ORIGIN and CONNECT_SIGNING_KEYS
npm run -s keys -- status
    prints how many sessions and registrations use each key, and which keys you may lower or drop,
    from CONNECT_ORIGIN, CONNECT_SEALING_KEYS, CONNECT_SIGNING_KEYS and the variables of Redis`

export type Command =
  | { readonly name: 'new'; readonly kind: KeyKind; readonly use: 'sign' | 'accept' }
  | { readonly name: 'new operator'; readonly caller: string; readonly use: CallerUse }
  | { readonly name: 'bundle' | 'public' | 'status' }

/** @throws UsageError */
export function readCommand(args: readonly string[]): Command {
  const [name, ...rest] = positionals(args)
  if (name === 'new' && rest[0] === 'operator') return readNewCaller(rest.slice(1))
  if (name === 'new') return { name, ...readNewKey(rest) }
  if ((name === 'bundle' || name === 'public' || name === 'status') && rest.length === 0) return { name }
  throw new UsageError(`"${args.join(' ')}" is not a command`)
}

function positionals(args: readonly string[]): string[] {
  try {
    return parseArgs({ args: [...args], allowPositionals: true }).positionals
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function readNewKey([kind, use = 'accept', ...rest]: readonly string[]) {
  if (kind !== 'signing' && kind !== 'sealing' && kind !== 'audit') {
    throw new UsageError('a new key is "signing", "sealing", "audit" or "operator"')
  }
  if ((use === 'sign' || use === 'accept') && rest.length === 0) return { kind, use } as const
  throw new UsageError('the use of a new key is "sign" or "accept"')
}

function readNewCaller([caller = '', use, ...rest]: readonly string[]): Command {
  const known = CALLER_USES.find((one) => one === use)
  if (!CALLER_NAME.test(caller)) throw new UsageError('the name is 1 to 32 of a-z, 0-9 and -')
  if (known === undefined || rest.length > 0) throw new UsageError(`the use is ${CALLER_USES.join(' or ')}`)
  return { name: 'new operator', caller, use: known }
}
