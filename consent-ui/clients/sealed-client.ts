import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { keyOfId, MAX_SEALED_ID_CHARACTERS, openId, sealId } from '../../core/clients/sealed-id.ts'
import { equalSecrets } from '../../core/keys/hash.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'
import { NONCE_BYTES } from '../../core/keys/sealing.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Client, ClientAuthentication } from './client.ts'
import { keySetSchema } from './public-keys.ts'
import type { RegisteredAuthentication, Registration } from './registration.ts'

/** Name, redirect URIs; for a confidential client method and keys or their URL. */
const sealedSchema = z.object({
  n: z.string(),
  r: z.array(z.string()),
  m: z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt']).optional(),
  k: keySetSchema.shape.keys.optional(),
  u: z.string().optional(),
})

type Sealed = z.output<typeof sealedSchema>

/**
 * Seals a registration into its `client_id`. A public client's nonce is derived from its metadata, so that the same
 * client gets the same id and stays blocked; equal nonces mean equal plaintexts. A confidential client's is random, so
 * that each registration has its own secret.
 *
 * @throws OAuthError `invalid_client_metadata` if it would be longer than {@link MAX_SEALED_ID_CHARACTERS}
 */
export function sealClient(ring: KeyRing, registration: Registration): string {
  const plaintext = Buffer.from(JSON.stringify(toBeSealed(registration)))
  const nonce =
    registration.authentication.method === 'none' ? nonceOf(ring, plaintext) : randomBytes(NONCE_BYTES)
  const clientId = sealId(ring, plaintext, nonce)
  if (clientId.length > MAX_SEALED_ID_CHARACTERS) {
    const hint = 'keys' in registration.authentication ? ', and jwks_uri instead of jwks' : ''
    throw new OAuthError(
      'invalid_client_metadata',
      `the metadata is too long; send fewer or shorter redirect_uris${hint}`,
    )
  }
  return clientId
}

/** The client sealed in a `client_id`; undefined if we did not issue it for this host. */
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

/** A secret derived from the id under its sealing key, never stored. @throws TypeError if we did not issue the id */
export function clientSecret(ring: KeyRing, clientId: string): string {
  const key = keyOfId(ring, clientId)
  if (key === undefined) throw new TypeError('not a client_id of this host')
  return secretUnder(ring, key, clientId)
}

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
