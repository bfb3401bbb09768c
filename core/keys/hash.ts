import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32

/** Makes a random secret of 256 bits, base64url (43 characters). */
export function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** Hashes with SHA-256, base64url; Redis stores secrets only in this form. */
export function sha256(secret: string | Uint8Array): string {
  return hash('sha256', secret, 'base64url')
}

/** Compares in constant time; the lengths are not secret. */
export function equalSecrets(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
