import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Bytes of a secret that nobody can guess: tokens, codes, cookies. */
const SECRET_BYTES = 32

/** A random secret of 256 bits, base64url (43 characters). */
export function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** SHA-256, base64url: the only form in which a secret reaches the store or a comparison. */
export function sha256(secret: string | Uint8Array): string {
  return hash('sha256', secret, 'base64url')
}

/** Compares in constant time (for values of equal length; lengths are not secret here). */
export function equalSecrets(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
