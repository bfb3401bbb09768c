import { randomBytes } from 'node:crypto'
import process from 'node:process'
import { ConfigurationError, type Environment } from '../../core/config/environment.ts'
import { newSecret, type KeyKind, type KeyListEntry } from '../../core/keys/keys.ts'
import { publicKeySet } from '../../consent-ui/keys/signing-keys.ts'
import { readCommand, UsageError } from './command-line.ts'
import { readSigningKeys, readStatusConfig } from './config.ts'
import { keyStatus } from './status.ts'

const SUFFIX_BYTES = 2

/** `npm run keys`: makes an operator's keys, and reports which are in use. */
async function run(args: readonly string[], environment: Environment): Promise<string> {
  const command = readCommand(args)
  switch (command.name) {
    case 'new':
      return JSON.stringify(newKey(command.kind, command.use))
    case 'public':
      return JSON.stringify(publicKeySet(readSigningKeys(environment)))
    case 'status':
      return await keyStatus(readStatusConfig(environment))
  }
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
