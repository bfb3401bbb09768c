import { z } from 'zod'
import { equalSecrets } from '../../core/keys/hash.ts'
import { createHash } from 'node:crypto'
import { displayName, type Client, type ClientAuthentication, type SecretMethod } from './client.ts'
import { parseJson } from '../../core/http/parse-json.ts'

const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'] as const

const entrySchema = z.strictObject({
  client_id: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  client_name: z.string().min(1),
  redirect_uris: z.array(z.string()).min(1),
  secret_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  token_endpoint_auth_method: z.enum(SECRET_METHODS).optional(),
})

type Entry = z.output<typeof entrySchema>

const RULES: Readonly<Record<string, string>> = {
  client_id: 'must be 1 to 100 of A-Z a-z 0-9 . _ -',
  client_name: 'must be text',
  redirect_uris: 'must be a list of URIs',
  secret_sha256: 'must be the SHA-256 of the secret, 64 hexadecimal digits',
  token_endpoint_auth_method: `must be one of ${SECRET_METHODS.join(' ')}, or left out for either`,
}

const WEAK_SECRETS = new Set(
  ['', 'secret', 'changeme', 'change-me', 'password', 'client_secret', 'test'].map(sha256Hex),
)

/**
 * Schema of `CONNECT_CLIENTS`: a JSON list of clients that the operator registered,
 * `[{"client_id","client_name","redirect_uris",("secret_sha256"),("token_endpoint_auth_method")}]`. A client without a
 * secret is public. Messages name the position and the member, never a value.
 */
export const configuredClients = z.string().transform((text, context): readonly Client[] => {
  const { success, data, error } = z.array(entrySchema).safeParse(parseJson(text))
  const problems = success ? problemsOf(data) : error.issues.map(describe)
  for (const message of problems) context.addIssue({ code: 'custom', message })
  return success ? data.map(toClient) : z.NEVER
})

function toClient(entry: Entry): Client {
  return {
    id: entry.client_id,
    name: displayName(entry.client_name),
    redirectUris: entry.redirect_uris,
    authentication: authenticationOf(entry),
    knownBy: 'configuration',
  }
}

/** Without a method both are accepted: some applications do not let users choose. */
function authenticationOf({
  secret_sha256: expected,
  token_endpoint_auth_method: method,
}: Entry): ClientAuthentication {
  if (expected === undefined) return { method: 'none' }
  const shownBy: readonly SecretMethod[] = method === undefined ? SECRET_METHODS : [method]
  return { method: 'secret', shownBy, isSecret: (presented) => equalSecrets(sha256Hex(presented), expected) }
}

function problemsOf(entries: readonly Entry[]): string[] {
  const problems = entries.flatMap(({ secret_sha256: secret, token_endpoint_auth_method: method }, index) => {
    if (secret !== undefined && WEAK_SECRETS.has(secret)) {
      return [`client ${index + 1} has a secret that is easy to guess; generate one`]
    }
    const isWithoutSecret = secret === undefined && method !== undefined
    return isWithoutSecret
      ? [`client ${index + 1} has token_endpoint_auth_method without secret_sha256; add the hash`]
      : []
  })
  const isTwice = new Set(entries.map(({ client_id: id }) => id)).size < entries.length
  return isTwice ? [...problems, 'has two clients with the same client_id'] : problems
}

/** Own messages: those of the library may quote the value. */
function describe({ path: [index, member] }: z.core.$ZodIssue): string {
  if (typeof index !== 'number') return 'must be a JSON list of clients'
  const rule = RULES[String(member)]
  if (rule === undefined) return `client ${index + 1} must have only ${Object.keys(RULES).join(', ')}`
  return `client ${index + 1}: ${String(member)} ${rule}`
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
