import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { equalSecrets } from '../../core/hash.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys.ts'
import { decrypt, encrypt, NONCE_BYTES } from '../../core/sealing.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Client, ClientAuthentication } from './client.ts'
import { keySetSchema } from './public-keys.ts'
import type { RegisteredAuthentication, Registration } from './registration.ts'

/**
 * A registration is sealed into the `client_id` itself: nothing is stored, so no flushed store, redeploy or new
 * region strands a client. `base64url(version, key id length, key id, nonce, ciphertext, tag)`.
 */
const VERSION = 1
/** Clients and proxies keep and send it in URLs. */
const LONGEST_CLIENT_ID = 600

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
  const header = headerOf(ring.current)
  const nonce =
    registration.authentication.method === 'none' ? nonceOf(ring, plaintext) : randomBytes(NONCE_BYTES)
  const box = encrypt(sealingKey(ring, ring.current), plaintext, { nonce, associatedData: header })
  const clientId = Buffer.concat([header, box]).toString('base64url')
  if (clientId.length > LONGEST_CLIENT_ID) {
    const hint = 'keys' in registration.authentication ? '; name the keys by jwks_uri' : ''
    throw new OAuthError('invalid_client_metadata', `what was registered is too long together${hint}`)
  }
  return clientId
}

/** What was registered under a `client_id`; undefined where we did not issue it for this host. */
export function openClient(ring: KeyRing, clientId: string): Client | undefined {
  const key = keyOf(ring, clientId)
  if (key === undefined) return undefined
  const header = headerOf(key)
  const box = Buffer.from(clientId, 'base64url').subarray(header.length)
  const plaintext = decrypt(sealingKey(ring, key), box, header)
  if (plaintext === undefined) return undefined
  const sealed = sealedSchema.parse(JSON.parse(plaintext.toString('utf8')))
  const authentication = authenticationOf(sealed, (presented) =>
    equalSecrets(presented, secretUnder(ring, key, clientId)),
  )
  return { id: clientId, name: sealed.n, redirectUris: sealed.r, authentication }
}

/**
 * The secret of a confidential client: derived from its id under the key that sealed it, and so never stored.
 *
 * @throws TypeError for an id that is none of ours
 */
export function clientSecret(ring: KeyRing, clientId: string): string {
  const key = keyOf(ring, clientId)
  if (key === undefined) throw new TypeError('not a client_id of this host')
  return secretUnder(ring, key, clientId)
}

/** The id of the key that a registration is sealed under; undefined for an id that is none of ours. */
export function sealedUnder(ring: KeyRing, clientId: string): string | undefined {
  return keyOf(ring, clientId)?.id
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

/** The key that an id says it was sealed under. */
function keyOf(ring: KeyRing, clientId: string): OperatorKey | undefined {
  if (clientId.length > LONGEST_CLIENT_ID || !/^[A-Za-z0-9_-]+$/.test(clientId)) return undefined
  const bytes = Buffer.from(clientId, 'base64url')
  // Base64url has several spellings of one value; only the one that we issued counts.
  if (bytes.toString('base64url') !== clientId) return undefined
  return ring.all.find((candidate) =>
    bytes.subarray(0, headerOf(candidate).length).equals(headerOf(candidate)),
  )
}

function headerOf(key: OperatorKey): Buffer {
  const id = Buffer.from(key.id)
  return Buffer.concat([Buffer.from([VERSION, id.length]), id])
}

function nonceOf(ring: KeyRing, plaintext: Buffer): Buffer {
  const nonceKey = subkey(ring, ring.current, { purpose: 'client registration nonce' })
  return createHmac('sha256', nonceKey).update(plaintext).digest().subarray(0, NONCE_BYTES)
}

function sealingKey(ring: KeyRing, key: OperatorKey): Buffer {
  return subkey(ring, key, { purpose: 'client registration' })
}

function secretUnder(ring: KeyRing, key: OperatorKey, clientId: string): string {
  return createHmac('sha256', subkey(ring, key, { purpose: 'client secret' }))
    .update(clientId)
    .digest('base64url')
}
