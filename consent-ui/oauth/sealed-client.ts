import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys.ts'
import { decrypt, encrypt, NONCE_BYTES } from '../../core/sealing.ts'
import type { Client } from './client.ts'
import { OAuthError } from './errors.ts'

/**
 * A registration is sealed into the `client_id` itself: nothing is stored, so no flushed store, redeploy or new
 * region strands a client. `base64url(version, key id length, key id, nonce, ciphertext, tag)`.
 */
const VERSION = 1
/** Clients and proxies keep and send it in URLs. */
const LONGEST_CLIENT_ID = 600

const sealedSchema = z.object({ n: z.string(), r: z.array(z.string()) })

/**
 * The `client_id` of a registration. The nonce is made from the metadata, so the same application gets the same
 * id each time, and a block of it holds; equal nonces only ever meet equal plaintexts.
 *
 * @throws OAuthError `invalid_client_metadata` when it would be longer than {@link LONGEST_CLIENT_ID} characters
 */
export function sealClient(ring: KeyRing, client: Client): string {
  const plaintext = Buffer.from(JSON.stringify({ n: client.name, r: client.redirectUris }))
  const header = headerOf(ring.current)
  const nonceKey = subkey(ring, ring.current, { purpose: 'client registration nonce' })
  const nonce = createHmac('sha256', nonceKey).update(plaintext).digest().subarray(0, NONCE_BYTES)
  const box = encrypt(sealingKey(ring, ring.current), plaintext, { nonce, associatedData: header })
  const clientId = Buffer.concat([header, box]).toString('base64url')
  if (clientId.length > LONGEST_CLIENT_ID) {
    throw new OAuthError('invalid_client_metadata', 'redirect_uris and client_name are too long together')
  }
  return clientId
}

/** What was registered under a `client_id`; undefined where we did not issue it for this host. */
export function openClient(ring: KeyRing, clientId: string): Client | undefined {
  if (clientId.length > LONGEST_CLIENT_ID || !/^[A-Za-z0-9_-]+$/.test(clientId)) return undefined
  const bytes = Buffer.from(clientId, 'base64url')
  // Base64url has several spellings of one value; only the one that we issued counts.
  if (bytes.toString('base64url') !== clientId) return undefined
  const key = ring.all.find((candidate) =>
    bytes.subarray(0, headerOf(candidate).length).equals(headerOf(candidate)),
  )
  if (key === undefined) return undefined
  const header = headerOf(key)
  const plaintext = decrypt(sealingKey(ring, key), bytes.subarray(header.length), header)
  if (plaintext === undefined) return undefined
  const { n: name, r: redirectUris } = sealedSchema.parse(JSON.parse(plaintext.toString('utf8')))
  return { name, redirectUris }
}

function headerOf(key: OperatorKey): Buffer {
  const id = Buffer.from(key.id)
  return Buffer.concat([Buffer.from([VERSION, id.length]), id])
}

function sealingKey(ring: KeyRing, key: OperatorKey): Buffer {
  return subkey(ring, key, { purpose: 'client registration' })
}
