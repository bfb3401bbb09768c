import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto'
import { ACCESS_TOKEN_ALGORITHM } from '../../core/tokens/access-token.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'

/** A public key in the JWKS (RFC 7517, RFC 7518 section 6.2). */
export interface PublicKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly alg: typeof ACCESS_TOKEN_ALGORITHM
  readonly use: 'sig'
  readonly kid: string
  readonly x: string
  readonly y: string
}

/** Order of P-256 (SP 800-186 section 3.2.1.3). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const COORDINATE_BYTES = 32
/** 64 bits more than the order, so that the remainder is not biased (FIPS 186-5 A.2.1). */
const SEED_BYTES = 40

/** The private key of new access tokens. */
export function signingKey(ring: KeyRing): { readonly kid: string; readonly privateKey: KeyObject } {
  const d = privateScalar(ring, ring.current).toString('base64url')
  const jwk = { ...publicKeyOf(ring, ring.current), d }
  return { kid: ring.current.id, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) }
}

/** Public keys that verify access tokens, for the JWKS and authz. */
export function publicKeySet(ring: KeyRing): { readonly keys: readonly PublicKey[] } {
  const accepted = ring.all.filter((key) => key.use !== 'registrations')
  return { keys: accepted.map((key) => publicKeyOf(ring, key)) }
}

function publicKeyOf(ring: KeyRing, key: OperatorKey): PublicKey {
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(privateScalar(ring, key))
  const point = curve.getPublicKey()
  return {
    kty: 'EC',
    crv: 'P-256',
    alg: ACCESS_TOKEN_ALGORITHM,
    use: 'sig',
    kid: key.id,
    x: point.subarray(1, 1 + COORDINATE_BYTES).toString('base64url'),
    y: point.subarray(1 + COORDINATE_BYTES).toString('base64url'),
  }
}

/** FIPS 186-5 A.2.1, "extra random bits", from a derived seed. */
function privateScalar(ring: KeyRing, key: OperatorKey): Buffer {
  const seed = subkey(ring, key, { purpose: 'access token signature', bytes: SEED_BYTES })
  const scalar = (BigInt(`0x${seed.toString('hex')}`) % (P256_ORDER - 1n)) + 1n
  return Buffer.from(scalar.toString(16).padStart(COORDINATE_BYTES * 2, '0'), 'hex')
}
