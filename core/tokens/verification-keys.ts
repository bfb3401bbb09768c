import { createPublicKey, type KeyObject } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'

/** The public keys of those who sign, by key id. */
export type VerificationKeys = ReadonlyMap<string, KeyObject>

/**
 * Prepares the keys of a set, once: no request pays for that.
 *
 * @throws TypeError for a key without an id, and node:crypto's error for what is no public key
 */
export function verificationKeys({ keys }: JSONWebKeySet): VerificationKeys {
  return new Map(
    keys.map(({ kid, kty = '', crv = '', x = '', y = '' }) => {
      if (kid === undefined) throw new TypeError('a key needs an id')
      return [kid, createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })]
    }),
  )
}
