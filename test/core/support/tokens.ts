import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { AccessTokenClaims } from '../../../core/tokens/access-token.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import { verificationKeys, type VerificationKeys } from '../../../core/tokens/verification-keys.ts'
import { ORIGIN } from './keys.ts'
import { NOW } from './session.ts'

export const AUDIENCE = `${ORIGIN}/mcp/platform`

type Members = Readonly<Record<string, unknown>>

export interface Signer {
  readonly keys: VerificationKeys
  /** The public key in the formats that servers have used as an HMAC secret by mistake. */
  readonly publicKeyBytes: readonly Uint8Array[]
  /** Overrides claims and header members; undefined removes one. */
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
