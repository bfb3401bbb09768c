import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { subkey, type KeyRing, type OperatorKey } from './keys.ts'

/** AES-GCM's nonce (NIST SP 800-38D section 8.2). */
export const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What a sealed value is bound to: opening it takes the same purpose, share and context. */
export interface Binding {
  /** Names the use, so that a value sealed for one cannot be opened as another. */
  readonly purpose: string
  /** The second share, held outside the store: from a token, a code or a cookie. */
  readonly share: Uint8Array
  /** Facts that must be unchanged when it is opened (AES-GCM associated data). */
  readonly context: readonly (string | number)[]
}

/** Seals under the ring's current key with AES-256-GCM: `<key id>.<nonce, ciphertext and tag, base64url>`. */
export function seal(ring: KeyRing, binding: Binding, plaintext: string): string {
  const sealed = encrypt(keyFor(ring, ring.current, binding), Buffer.from(plaintext), {
    nonce: randomBytes(NONCE_BYTES),
    associatedData: associatedData(binding),
  })
  return `${ring.current.id}.${sealed.toString('base64url')}`
}

/** Opens a sealed value; undefined where key, share, context or a single bit of it is another. */
export function open(ring: KeyRing, binding: Binding, sealed: string): string | undefined {
  const [keyId, body] = sealed.split('.')
  const key = ring.all.find(({ id, use }) => id === keyId && use !== 'registrations')
  if (key === undefined) return undefined
  const box = Buffer.from(body ?? '', 'base64url')
  return decrypt(keyFor(ring, key, binding), box, associatedData(binding))?.toString('utf8')
}

/** AES-256-GCM: nonce, ciphertext and tag in one. A nonce must never serve two plaintexts of one key. */
export function encrypt(
  key: Buffer,
  plaintext: Buffer,
  { nonce, associatedData }: { readonly nonce: Buffer; readonly associatedData: Buffer },
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(associatedData)
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** Undoes {@link encrypt}; undefined where anything was altered. */
export function decrypt(key: Buffer, box: Buffer, associatedData: Buffer): Buffer | undefined {
  if (box.length < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES))
  decipher.setAAD(associatedData)
  decipher.setAuthTag(box.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}

function keyFor(ring: KeyRing, key: OperatorKey, binding: Binding): Buffer {
  return subkey(ring, key, { purpose: binding.purpose, salt: binding.share })
}

function associatedData(binding: Binding): Buffer {
  return Buffer.from(JSON.stringify(binding.context))
}
