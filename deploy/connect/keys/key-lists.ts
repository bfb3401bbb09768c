import { publicKeySet } from '../../../consent-ui/keys/signing-keys.ts'
import type { Environment } from '../../../core/config/environment.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'
import { readKeyBundle, readSigningKeys, readStatusConfig } from './config.ts'
import { newKey } from './new-key.ts'
import { keyStatus } from './status.ts'

export const keyBundle = printing(
  `keys bundle
    prints the lists as one secret of a secrets manager, {"signing":…,"sealing":…,"audit":…}, and on
    standard error CONNECT_PUBLIC_KEYS; from CONNECT_ORIGIN, CONNECT_SIGNING_KEYS, CONNECT_SEALING_KEYS
    and, if it is set, AUDIT_KEYS; or new lists if none is set`,
  bundle,
)

export const keysPublic = printing(
  `keys public
    prints CONNECT_PUBLIC_KEYS for authz, from CONNECT_ORIGIN and CONNECT_SIGNING_KEYS`,
  (environment) => ({ text: JSON.stringify(publicKeySet(readSigningKeys(environment))), exitCode: 0 }),
)

const STATUS_HELP = `keys status
    prints how many sessions and registrations use each key, and which keys you may lower or drop,
    from CONNECT_ORIGIN, CONNECT_SEALING_KEYS, CONNECT_SIGNING_KEYS and the variables of Redis`

export const keysStatus: Command = {
  help: STATUS_HELP,
  async run(args, environment) {
    refuseArguments(STATUS_HELP, args)
    const config = readStatusConfig(environment)
    try {
      return { text: await keyStatus(config), exitCode: 0 }
    } catch (error) {
      return { text: `key status unavailable: ${(error as Error).message}`, exitCode: 1 }
    }
  },
}

/** A command without arguments. */
function printing(help: string, print: (environment: Environment) => Output): Command {
  return {
    help,
    run(args, environment) {
      refuseArguments(help, args)
      return Promise.resolve(print(environment))
    },
  }
}

function refuseArguments(help: string, args: readonly string[]): void {
  if (readArguments(help, args, {}).positionals.length > 0) throw new UsageError(help)
}

/** The public keys go to standard error: they are no secret. */
function bundle(environment: Environment): Output {
  const { texts, signingKeys } = readKeyBundle(environment, () => ({
    CONNECT_SIGNING_KEYS: JSON.stringify([newKey('signing', 'sign')]),
    CONNECT_SEALING_KEYS: JSON.stringify([newKey('sealing', 'sign')]),
    AUDIT_KEYS: JSON.stringify([newKey('audit', 'sign')]),
  }))
  const { CONNECT_SIGNING_KEYS: signing = '', CONNECT_SEALING_KEYS: sealing = '', AUDIT_KEYS: audit } = texts
  const lists = { signing, sealing, ...(audit === undefined ? {} : { audit }) }
  const compacted = Object.entries(lists).map(([name, list]) => [name, compact(list)])
  return {
    text: JSON.stringify(Object.fromEntries(compacted)),
    aside: `CONNECT_PUBLIC_KEYS for authz:\n${JSON.stringify(publicKeySet(signingKeys))}\n`,
    exitCode: 0,
  }
}

function compact(list: string): string {
  return JSON.stringify(JSON.parse(list))
}
