import type { JSONWebKeySet, JWK } from 'jose'
import { z } from 'zod'
import { DocumentRefused } from './document-refused.ts'

export const MAX_KEYS = 5
/** Of 2048 bits in base64url (RFC 7518 section 3.3). */
const MIN_MODULUS = 342
const MAX_MODULUS = 700

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/)
/** Members of a private or a symmetric key (RFC 7518 section 6). */
const secret = z.never().optional()
const noSecrets = { d: secret, p: secret, q: secret, k: secret }
/** A key for encryption signs nothing (RFC 7517 section 4.2). */
const named = { kid: z.string().max(100).optional(), use: z.literal('sig').nullish() }

const memberSchema = z.discriminatedUnion('kty', [
  z.object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: base64url.length(43),
    y: base64url.length(43),
    ...named,
    ...noSecrets,
  }),
  z.object({
    kty: z.literal('RSA'),
    n: base64url.min(MIN_MODULUS).max(MAX_MODULUS),
    e: base64url.max(8),
    ...named,
    ...noSecrets,
  }),
])

const keySchema = memberSchema.transform(({ kid, ...key }): JWK => {
  const members = key.kty === 'EC' ? { crv: key.crv, x: key.x, y: key.y } : { n: key.n, e: key.e }
  return { kty: key.kty, ...members, ...(kid === undefined ? {} : { kid }) }
})

/** 1 to {@link MAX_KEYS} public keys for RS256 and ES256, reduced to the members that verification needs. */
export const keySetSchema = z.object({ keys: z.array(keySchema).min(1).max(MAX_KEYS) })

const publishedSchema = z.object({ keys: z.array(z.unknown()) })
const privateKey = z.object({ kty: z.enum(['EC', 'RSA', 'OKP']), d: z.unknown() })

/** An inline key set (RFC 7517 section 5). A private key is refused, so that its owner notices the mistake. */
export const inlineKeySetSchema = publishedSchema
  .refine(({ keys }) => keys.every((key) => !privateKey.safeParse(key).success))
  .transform(({ keys }) => ({ keys: usable(keys) }))
  .pipe(z.object({ keys: z.array(z.custom<JWK>()).min(1).max(MAX_KEYS) }))

/** Returns the supported keys of a published set, at most `max`. @throws DocumentRefused if there are none */
export function readPublishedKeys(published: unknown, max = MAX_KEYS): JSONWebKeySet {
  const { success, data } = publishedSchema.safeParse(published)
  const keys = usable(success ? data.keys : [])
  if (keys.length === 0) throw new DocumentRefused('it has no key for RS256 or ES256')
  return { keys: keys.slice(0, max) }
}

function usable(keys: readonly unknown[]): JWK[] {
  return keys.flatMap((key) => keySchema.safeParse(key).data ?? [])
}
