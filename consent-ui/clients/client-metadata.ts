import { z } from 'zod'
import type { ClientKeys } from './client.ts'
import { inlineKeySetSchema } from './public-keys.ts'

/** Members that a registration and a client document share (RFC 7591 section 2). Some libraries send null. */
export const sharedMembers = {
  grant_types: z.array(z.string()).nullish(),
  response_types: z.array(z.string()).nullish(),
  jwks: inlineKeySetSchema.nullish(),
  jwks_uri: z.string().nullish(),
}

type SharedMembers = z.output<z.ZodObject<typeof sharedMembers>>

type Refuse = (reason: string) => Error

/** Lists of types that are given must include ours, and may include others: Claude's document lists one. */
export function requireOurTypes(
  { grant_types: grants, response_types: responses }: SharedMembers,
  refuse: Refuse,
): void {
  if (!includes(responses, 'code')) throw refuse('response_types must include code')
  if (!includes(grants, 'authorization_code')) throw refuse('grant_types must include authorization_code')
}

/** @param uriFault - why keys must not be fetched from a URL; undefined if they may */
export function keysOf(
  { jwks, jwks_uri: jwksUri }: SharedMembers,
  uriFault: (url: string) => string | undefined,
  refuse: Refuse,
): ClientKeys | undefined {
  const [inline, url] = [jwks ?? undefined, jwksUri ?? undefined]
  if (inline !== undefined && url !== undefined) throw refuse('jwks and jwks_uri must not both be given')
  if (url === undefined) return inline === undefined ? undefined : { jwks: inline }
  const fault = uriFault(url)
  if (fault !== undefined) throw refuse(`jwks_uri ${fault}`)
  return { jwksUri: url }
}

export function byPrivateKey(keys: ClientKeys | undefined, refuse: Refuse) {
  if (keys === undefined) throw refuse('private_key_jwt needs jwks or jwks_uri')
  return { method: 'private_key_jwt', keys } as const
}

function includes(types: readonly string[] | null | undefined, ours: string): boolean {
  return types === null || types === undefined || types.length === 0 || types.includes(ours)
}
