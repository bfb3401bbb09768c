import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { acceptedKey, subkey, type KeyRing, type OperatorKey } from './keys.ts'
import { MissingKeyError } from './missing-key-error.ts'

/** AES-GCM's nonce (NIST SP 800-38D section 8.2). */
export const NONCE_BYTES = 12
const TAG_BYTES = 16
/** A shorter share could be guessed. */
const MIN_SHARE_BYTES = 32

export interface Binding {
  readonly purpose: string
  /** The second share, which Redis does not contain: from a token, a code or a cookie; at least 32 random bytes. */
  readonly share: Uint8Array
  /** AES-GCM associated data. */
  readonly context: readonly (string | number)[]
}

/**
 * Seals under the ring's current key with AES-256-GCM: `<key id>.<nonce, ciphertext and tag, base64url>`.
 *
 * @throws TypeError for a share that is too short
 */
export function seal(ring: KeyRing, binding: Binding, plaintext: string): string {
  if (binding.share.length < MIN_SHARE_BYTES) throw new TypeError('the share is too short')
  const sealed = encrypt(keyFor(ring, ring.current, binding), Buffer.from(plaintext), {
    nonce: randomBytes(NONCE_BYTES),
    associatedData: associatedData(binding),
  })
  return `${ring.current.id}.${sealed.toString('base64url')}`
}

/** Opens a sealed value; undefined when key, share, context or any bit of it differs. */
export function open(ring: KeyRing, binding: Binding, sealed: string): string | undefined {
  const key = keyOf(ring, sealed)
  const box = boxOf(sealed)
  if (key === undefined || box === undefined) return undefined
  return decrypt(keyFor(ring, key, binding), box, associatedData(binding))?.toString('utf8')
}

/** @throws MissingKeyError when the ring lacks the key that the value names */
export function openStored(ring: KeyRing, binding: Binding, sealed: string): string | undefined {
  const [, keyId] = /^([a-z0-9-]{1,16})\./.exec(sealed) ?? []
  if (keyId !== undefined && keyOf(ring, sealed) === undefined) throw new MissingKeyError(keyId)
  return open(ring, binding, sealed)
}

export function keyOf(ring: KeyRing, sealed: string): OperatorKey | undefined {
  const [keyId] = sealed.split('.')
  return acceptedKey(ring, keyId)
}

/** Decodes canonical base64url only. */
function boxOf(sealed: string): Buffer | undefined {
  const [, text, ...rest] = sealed.split('.')
  const box = Buffer.from(text ?? '', 'base64url')
  return rest.length === 0 && box.toString('base64url') === text ? box : undefined
}

/** Encrypts with AES-256-GCM to nonce, ciphertext and tag. A nonce must not be used twice with one key. */
export function encrypt(
  key: Buffer,
  plaintext: Buffer,
  { nonce, associatedData }: { readonly nonce: Buffer; readonly associatedData: Buffer },
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce)
  cipher.setAAD(associatedData)
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

export function decrypt(key: Buffer, box: Buffer, associatedData: Buffer): Buffer | undefined {
  if (box.length < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), box.subarray(0, NONCE_BYTES))
  decipher.setAAD(associatedData)
  decipher.setAuthTag(box.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}

function keyFor(ring: KeyRing, key: OperatorKey, binding: Binding): Buffer {
  return subkey(ring, key, { purpose: binding.purpose, share: binding.share })
}

function associatedData(binding: Binding): Buffer {
  return Buffer.from(JSON.stringify(binding.context))
}
