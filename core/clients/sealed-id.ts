import { z } from 'zod'
import { KEY_ID, subkey, type KeyRing, type OperatorKey } from '../keys/keys.ts'
import { decrypt, encrypt } from '../keys/sealing.ts'

/**
 * `base64url(version, key id length, key id, nonce, ciphertext, tag)`. Nothing is stored, so a client survives
 * an emptied Redis, a redeploy and a move to another region.
 */
const VERSION = 1
const HEADER_BYTES = 2
/** Clients and proxies store it and send it in URLs. */
export const MAX_SEALED_ID_CHARACTERS = 600

const redirectUrisSchema = z.object({ r: z.array(z.string()) })

/** Seals a plaintext under the ring's current key. The nonce must never be used for another plaintext. */
export function sealId(ring: KeyRing, plaintext: Buffer, nonce: Buffer): string {
  const header = headerOf(ring.current)
  const box = encrypt(sealingKey(ring, ring.current), plaintext, { nonce, associatedData: header })
  return Buffer.concat([header, box]).toString('base64url')
}

/** The JSON in an id and the key that sealed it; undefined if we did not issue it for this host. */
export function openId(
  ring: KeyRing,
  clientId: string,
): { readonly key: OperatorKey; readonly sealed: unknown } | undefined {
  const key = keyOfId(ring, clientId)
  if (key === undefined) return undefined
  const header = headerOf(key)
  const box = Buffer.from(clientId, 'base64url').subarray(header.length)
  const plaintext = decrypt(sealingKey(ring, key), box, header)
  return plaintext === undefined ? undefined : { key, sealed: JSON.parse(plaintext.toString('utf8')) }
}

export function redirectUrisOfId(ring: KeyRing, clientId: string): readonly string[] {
  const opened = openId(ring, clientId)
  return opened === undefined ? [] : redirectUrisSchema.parse(opened.sealed).r
}

export function keyOfId(ring: KeyRing, clientId: string): OperatorKey | undefined {
  const named = keyNamedIn(clientId)
  return ring.all.find(({ id }) => id === named)
}

/** The id of the key that a client id names, if the ring lacks it. The client id may be made up. */
export function missingKeyOfId(ring: KeyRing, clientId: string): string | undefined {
  return keyOfId(ring, clientId) === undefined ? keyNamedIn(clientId) : undefined
}

function keyNamedIn(clientId: string): string | undefined {
  if (clientId.length > MAX_SEALED_ID_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(clientId)) return undefined
  const bytes = Buffer.from(clientId, 'base64url')
  // Base64url has several spellings of one value; only the canonical one counts.
  if (bytes.toString('base64url') !== clientId) return undefined
  const [version, length = 0] = bytes
  const id = bytes.subarray(HEADER_BYTES, HEADER_BYTES + length).toString('latin1')
  return version === VERSION && id.length === length && KEY_ID.test(id) ? id : undefined
}

function headerOf(key: OperatorKey): Buffer {
  const id = Buffer.from(key.id)
  return Buffer.concat([Buffer.from([VERSION, id.length]), id])
}

function sealingKey(ring: KeyRing, key: OperatorKey): Buffer {
  return subkey(ring, key, { purpose: 'client registration' })
}
