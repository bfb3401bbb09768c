import process from 'node:process'
import { ConfigurationError, type Environment } from '../../core/config/environment.ts'
import type { KeyKind } from '../../core/keys/keys.ts'
import { publicKeySet } from '../../consent-ui/keys/signing-keys.ts'
import { readSigningKeys, readStatusConfig } from './config.ts'
import { newKey } from './new-key.ts'
import { keyStatus } from './status.ts'
import { UsageError } from './usage.ts'

/** `npm run keys`: makes operators' keys, and says which are still in use. */
async function run(commands: readonly string[], environment: Environment): Promise<string> {
  const [command, ...rest] = commands
  if (command === 'new')
    return JSON.stringify(newKey(kindOf(rest[0]), { use: useOf(rest[1]), now: new Date() }))
  if (command === 'public') return JSON.stringify(publicKeySet(readSigningKeys(environment)))
  if (command === 'status') return await keyStatus(readStatusConfig(environment))
  throw new UsageError('what is to be done with keys?')
}

function kindOf(word = ''): KeyKind {
  if (word === 'signing' || word === 'sealing') return word
  throw new UsageError('a new key is for signing or for sealing')
}

function useOf(word = 'accept'): 'sign' | 'accept' {
  if (word === 'sign' || word === 'accept') return word
  throw new UsageError('a new key is to sign or to accept')
}

try {
  process.stdout.write(`${await run(process.argv.slice(2), process.env)}\n`)
} catch (error) {
  process.exitCode = 1
  const isExpected = error instanceof UsageError || error instanceof ConfigurationError
  const reason = error instanceof Error ? error.message : 'not an error'
  process.stderr.write(isExpected ? `${reason}\n` : `The keys cannot be looked at: ${reason}\n`)
}
