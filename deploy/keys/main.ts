import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { ConfigurationError, type Environment } from '../../core/config/environment.ts'
import { newSecret, type KeyKind, type KeyListEntry } from '../../core/keys/keys.ts'
import { callerEntry } from '../../consent-ui/callers/caller-keys.ts'
import { publicKeySet } from '../../consent-ui/keys/signing-keys.ts'
import { readCommand, UsageError } from './command-line.ts'
import { readKeyBundle, readSigningKeys, readStatusConfig } from './config.ts'
import { keyStatus } from './status.ts'

const SUFFIX_BYTES = 2

/** `npm run keys`: makes an operator's keys, and reports which are in use. */
async function run(args: readonly string[], environment: Environment): Promise<string> {
  const command = readCommand(args)
  switch (command.name) {
    case 'new':
      return JSON.stringify(newKey(command.kind, command.use))
    case 'new operator': {
      const key = newSecret('operator')
      return JSON.stringify({ key, entry: callerEntry(command.caller, command.use, key) })
    }
    case 'bundle':
      return bundle(environment)
    case 'public':
      return JSON.stringify(publicKeySet(readSigningKeys(environment)))
    case 'status':
      return await keyStatus(readStatusConfig(environment))
  }
}

/** The lists as one secret of a secrets manager. The public keys go to standard error: they are no secret. */
function bundle(environment: Environment): string {
  const { texts, signingKeys } = readKeyBundle(environment, () => ({
    CONNECT_SIGNING_KEYS: JSON.stringify([newKey('signing', 'sign')]),
    CONNECT_SEALING_KEYS: JSON.stringify([newKey('sealing', 'sign')]),
    AUDIT_KEYS: JSON.stringify([newKey('audit', 'sign')]),
  }))
  process.stderr.write(`CONNECT_PUBLIC_KEYS for authz:\n${JSON.stringify(publicKeySet(signingKeys))}\n`)
  const { CONNECT_SIGNING_KEYS: signing = '', CONNECT_SEALING_KEYS: sealing = '', AUDIT_KEYS: audit } = texts
  const lists = { signing, sealing, ...(audit === undefined ? {} : { audit }) }
  return JSON.stringify(
    Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, compact(list)])),
  )
}

function compact(list: string): string {
  return JSON.stringify(JSON.parse(list))
}

/** The id is the date and a random suffix. */
function newKey(kind: KeyKind, use: 'sign' | 'accept'): KeyListEntry {
  const day = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length)
  const id = `${day}-${randomBytes(SUFFIX_BYTES).toString('hex')}`
  return { id, secret: newSecret(kind), use }
}

try {
  process.stdout.write(`${await run(process.argv.slice(2), process.env)}\n`)
} catch (error) {
  process.exitCode = 1
  const isExpected = error instanceof UsageError || error instanceof ConfigurationError
  const reason = error instanceof Error ? error.message : 'not an error'
  process.stderr.write(isExpected ? `${reason}\n` : `key status unavailable: ${reason}\n`)
}
