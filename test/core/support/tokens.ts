import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { AccessTokenClaims } from '../../../core/tokens/access-token.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import { verificationKeys, type VerificationKeys } from '../../../core/tokens/verification-keys.ts'
import { ORIGIN } from './keys.ts'
import { NOW } from './session.ts'

export const AUDIENCE = `${ORIGIN}/mcp/platform`

type Members = Readonly<Record<string, unknown>>

/** Signs access tokens, and has the keys that verify them. */
export interface Signer {
  readonly keys: VerificationKeys
  /** The public key's bytes in the forms that servers have mistaken for a shared secret. */
  readonly publicKeyBytes: readonly Uint8Array[]
  /** Claims and header members are changed at will; undefined leaves one out. */
  sign(claims?: Members, header?: Members): Promise<string>
}

export async function createSigner(): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' }
  const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey))
  const pem = `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`
  return {
    keys: verificationKeys({ keys: [jwk] }),
    publicKeyBytes: [spki, Buffer.from(pem), Buffer.from(JSON.stringify(jwk))],
    sign: async (claims = {}, header = {}) =>
      await new SignJWT({ ...goodClaims(), ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1', ...header })
        .sign(privateKey),
  }
}

export function goodClaims(): AccessTokenClaims {
  return {
    iss: ORIGIN,
    aud: AUDIENCE,
    sub: 'ada',
    client_id: 'client-1',
    scope: 'platform',
    sid: randomSecret(),
    jti: randomSecret(),
    iat: NOW - 10,
    exp: NOW + 3600,
    k: randomSecret(),
  }
}
