import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { keyOfId, LONGEST_CLIENT_ID, openId, sealId } from '../../core/clients/sealed-id.ts'
import { equalSecrets } from '../../core/keys/hash.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'
import { NONCE_BYTES } from '../../core/keys/sealing.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Client, ClientAuthentication } from './client.ts'
import { keySetSchema } from './public-keys.ts'
import type { RegisteredAuthentication, Registration } from './registration.ts'

/** Name, redirect URIs, and of a confidential client: method, keys or where they are. */
const sealedSchema = z.object({
  n: z.string(),
  r: z.array(z.string()),
  m: z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt']).optional(),
  k: keySetSchema.shape.keys.optional(),
  u: z.string().optional(),
})

type Sealed = z.output<typeof sealedSchema>

/**
 * The `client_id` of a registration. For a public client the nonce is made from the metadata, so the same
 * application gets the same id each time, and a block of it holds; equal nonces only ever meet equal plaintexts.
 * For a confidential one it is random: another registration is another secret.
 *
 * @throws OAuthError `invalid_client_metadata` when it would be longer than {@link LONGEST_CLIENT_ID} characters
 */
export function sealClient(ring: KeyRing, registration: Registration): string {
  const plaintext = Buffer.from(JSON.stringify(toBeSealed(registration)))
  const nonce =
    registration.authentication.method === 'none' ? nonceOf(ring, plaintext) : randomBytes(NONCE_BYTES)
  const clientId = sealId(ring, plaintext, nonce)
  if (clientId.length > LONGEST_CLIENT_ID) {
    const hint = 'keys' in registration.authentication ? '; name the keys by jwks_uri' : ''
    throw new OAuthError('invalid_client_metadata', `what was registered is too long together${hint}`)
  }
  return clientId
}

/** What was registered under a `client_id`; undefined where we did not issue it for this host. */
export function openClient(ring: KeyRing, clientId: string): Client | undefined {
  const opened = openId(ring, clientId)
  if (opened === undefined) return undefined
  const { key } = opened
  const sealed = sealedSchema.parse(opened.sealed)
  const authentication = authenticationOf(sealed, (presented) =>
    equalSecrets(presented, secretUnder(ring, key, clientId)),
  )
  return { id: clientId, name: sealed.n, redirectUris: sealed.r, authentication, knownBy: 'registration' }
}

/**
 * The secret of a confidential client: derived from its id under the key that sealed it, and so never stored.
 *
 * @throws TypeError for an id that is none of ours
 */
export function clientSecret(ring: KeyRing, clientId: string): string {
  const key = keyOfId(ring, clientId)
  if (key === undefined) throw new TypeError('not a client_id of this host')
  return secretUnder(ring, key, clientId)
}

/** The id of the key that a registration is sealed under; undefined for an id that is none of ours. */
export function sealedUnder(ring: KeyRing, clientId: string): string | undefined {
  return keyOfId(ring, clientId)?.id
}

function toBeSealed({ name, redirectUris, authentication }: Registration): Sealed {
  const common = { n: name, r: [...redirectUris] }
  if (authentication.method === 'none') return common
  return { ...common, m: authentication.method, ...sealedKeys(authentication) }
}

function sealedKeys(authentication: RegisteredAuthentication): Pick<Sealed, 'k' | 'u'> {
  if (authentication.method !== 'private_key_jwt') return {}
  const { keys } = authentication
  return 'jwksUri' in keys ? { u: keys.jwksUri } : { k: keySetSchema.parse(keys.jwks).keys }
}

function authenticationOf(
  { m: method, k: keys, u: jwksUri }: Sealed,
  isSecret: (presented: string) => boolean,
): ClientAuthentication {
  if (method === undefined) return { method: 'none' }
  if (method !== 'private_key_jwt') return { method: 'secret', shownBy: [method], isSecret }
  return { method, keys: jwksUri === undefined ? { jwks: { keys: keys ?? [] } } : { jwksUri } }
}

function nonceOf(ring: KeyRing, plaintext: Buffer): Buffer {
  const nonceKey = subkey(ring, ring.current, { purpose: 'client registration nonce' })
  return createHmac('sha256', nonceKey).update(plaintext).digest().subarray(0, NONCE_BYTES)
}

function secretUnder(ring: KeyRing, key: OperatorKey, clientId: string): string {
  return createHmac('sha256', subkey(ring, key, { purpose: 'client secret' }))
    .update(clientId)
    .digest('base64url')
}
