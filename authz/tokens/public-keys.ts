import { createPublicKey } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { ACCESS_TOKEN_ALGORITHM } from '../../core/tokens/access-token.ts'
import { parseJson } from '../../core/http/parse-json.ts'

/** A public ES256 key (RFC 7517, RFC 7518 section 6.2). */
const publicKeySchema = z.object({
  kty: z.literal('EC', { message: 'must be EC' }),
  crv: z.literal('P-256', { message: 'must be P-256' }),
  alg: z.literal(ACCESS_TOKEN_ALGORITHM, { message: `must be ${ACCESS_TOKEN_ALGORITHM}` }).optional(),
  use: z.literal('sig', { message: 'must be sig' }).optional(),
  kid: z.string({ message: 'must name the key' }).min(1, { message: 'must name the key' }),
  x: z.string(),
  y: z.string(),
  d: z
    .undefined({ message: 'is a private key; CONNECT_PUBLIC_KEYS must contain only public keys' })
    .optional(),
})

type PublicKey = z.infer<typeof publicKeySchema>

const keySetSchema = z.object({
  keys: z.array(publicKeySchema).min(1, { message: 'must hold at least one key' }),
})

/** The JWKS that consent-ui publishes. Problems name a key by its position, never by its value. */
export const publicKeys = z.string().transform((text, context): JSONWebKeySet => {
  const problems: string[] = []
  const keys = readKeys(text, problems)
  problems.push(
    ...keys.flatMap((key, index) => (isOnCurve(key) ? [] : [`key ${index + 1} is not a point of P-256`])),
  )
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) problems.push('has two keys with the same kid')
  for (const message of problems) context.addIssue({ code: 'custom', message })
  return { keys: keys.map(jwkOf) }
})

function jwkOf({ kty, crv, kid, x, y }: PublicKey) {
  return { kty, crv, kid, x, y, alg: ACCESS_TOKEN_ALGORITHM, use: 'sig' }
}

function readKeys(text: string, problems: string[]): PublicKey[] {
  const result = keySetSchema.safeParse(parseJson(text))
  if (result.success) return result.data.keys
  problems.push(...result.error.issues.map(describe))
  return []
}

function describe(issue: z.core.$ZodIssue): string {
  const [member, index, field] = issue.path
  if (member !== 'keys') return 'must be a JWKS: {"keys":[…]}'
  return typeof index === 'number' ? `key ${index + 1}: ${String(field)} ${issue.message}` : issue.message
}

function isOnCurve(key: PublicKey): boolean {
  try {
    createPublicKey({ key: jwkOf(key), format: 'jwk' })
    return true
  } catch {
    return false
  }
}
