import { readFileSync } from 'node:fs'
import { absolutePath } from './settings.ts'

/** The variables whose values are secrets. `<variable>_FILE` may name a file with the value instead. */
const SECRET_VARIABLES = new Set([
  'AUDIT_KEYS',
  'AUDIT_LOG_HEADERS',
  'CONNECT_SEALING_KEYS',
  'CONNECT_SIGNING_KEYS',
  'NOTICE_SMTP_URL',
  'NOTICE_WEBHOOK_URL',
  'OIDC_CLIENT_SECRET',
  'QUILT_TOKEN_EXCHANGE_CLIENT_SECRET',
  'REDIS_PASSWORD',
])

type Variables = Readonly<Record<string, string | undefined>>

type ReadVariable = { readonly value: string | undefined } | { readonly problem: string }

/** True if a variable has a value or, if it is a secret, a file. */
export function isSet(name: string, environment: Variables): boolean {
  return valueOf(name, environment) !== undefined || fileOf(name, environment) !== undefined
}

/** Reads a variable, from its file if it is a secret. An empty value counts as absent. */
export function readVariable(name: string, environment: Variables): ReadVariable {
  const value = valueOf(name, environment)
  const file = fileOf(name, environment)
  if (file === undefined) return { value }
  if (value !== undefined) return { problem: `${name} and ${name}_FILE are both set; remove one of them` }
  const problem = absolutePath.safeParse(file).error?.issues[0]?.message
  // Not quoted: it may be the secret itself.
  return problem === undefined ? readSecretFile(name, file) : { problem: `${name}_FILE ${problem}` }
}

function valueOf(name: string, environment: Variables): string | undefined {
  const value = environment[name]
  return value === '' ? undefined : value
}

function fileOf(name: string, environment: Variables): string | undefined {
  return SECRET_VARIABLES.has(name) ? valueOf(`${name}_FILE`, environment) : undefined
}

function readSecretFile(name: string, path: string): ReadVariable {
  try {
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    return value === '' ? { problem: `${name}_FILE: ${path} is empty` } : { value }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    return {
      problem: `${name}_FILE: ${path} cannot be read (${code}); check the path and the permissions of the file`,
    }
  }
}
