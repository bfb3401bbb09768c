import { createPublicKey, type KeyObject } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'

export type VerificationKeys = ReadonlyMap<string, KeyObject>

/** @throws TypeError for a key without an id; node:crypto's error for an invalid key */
export function verificationKeys({ keys }: JSONWebKeySet): VerificationKeys {
  return new Map(
    keys.map(({ kid, kty = '', crv = '', x = '', y = '' }) => {
      if (kid === undefined) throw new TypeError('a key needs an id')
      return [kid, createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })]
    }),
  )
}
