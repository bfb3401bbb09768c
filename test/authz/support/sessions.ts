import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JSONWebKeySet } from 'jose'
import { ACCESS_TOKEN_TYPE } from '../../../core/tokens/access-token.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import { keyRing, type KeyRing, type OperatorKey } from '../../../core/keys/keys.ts'
import { audienceOf } from '../../../core/services/service.ts'
import { SERVICES } from '../../support/services.ts'
import { sealCredential, type QuiltCredential, type Session } from '../../../core/sessions/session.ts'

export const ORIGIN = 'https://connect.example'
export const SERVICE = SERVICES[0]
export const AUDIENCE = audienceOf(ORIGIN, SERVICE)
/** 2026-11-24, in milliseconds. */
export const NOW_MS = 1_795_500_000_000
export const NOW = NOW_MS / 1000

/** A sealing key of which every byte is another. */
export function sealingKey(id: string, start = 0): OperatorKey {
  return { id, use: 'sign', secret: Buffer.from(Array.from({ length: 32 }, (_, index) => start + index)) }
}

export const RING: KeyRing = keyRing(ORIGIN, [sealingKey('seal-1')])

/** A session as consent-ui would open it, the share of its tokens, and the credential that is sealed in it. */
export interface Opening {
  readonly session: Session
  readonly share: string
  readonly credential: QuiltCredential
}

export function openSession(
  changes: Partial<Session> = {},
  sealed: { readonly ring?: KeyRing; readonly credential?: QuiltCredential } = {},
): Opening {
  const share = randomSecret()
  const credential = sealed.credential ?? { token: `quilt-${randomUUID()}`, expiresAt: NOW + 7200 }
  const facts = {
    id: randomSecret(),
    person: { name: 'ada', email: 'ada@example.com' },
    clientId: 'client-1',
    clientName: 'Claude Code',
    resource: AUDIENCE,
    scope: 'platform',
    access: 'full' as const,
    createdAt: NOW - 60,
    checkedAt: NOW - 10,
    expiresAt: NOW + 86_400,
    ...changes,
  }
  return { session: sealCredential(sealed.ring ?? RING, facts, { share, credential }), share, credential }
}

type Changes = Readonly<Record<string, unknown>>

/** Signs tokens; its public keys are what authz is given. */
export interface Signer {
  readonly jwks: JSONWebKeySet
  readonly privateKey: CryptoKey
  /** A token of the session, with claims and header members changed at will; undefined leaves one out. */
  sign(opening: Opening, claims?: Changes, header?: Changes): Promise<string>
}

export async function createSigner(kid = 'key-1'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty = 'EC', crv = 'P-256', x = '', y = '' } = await exportJWK(publicKey)
  return {
    jwks: { keys: [{ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }] },
    privateKey,
    sign: async (opening, claims = {}, header = {}) =>
      await new SignJWT({ ...claimsOf(opening), ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: ACCESS_TOKEN_TYPE, kid, ...header })
        .sign(privateKey),
  }
}

/** What the session's tokens say, for an hour from now on. */
export function claimsOf({ session, share }: Opening) {
  return {
    iss: ORIGIN,
    aud: session.resource,
    sub: session.person.name,
    client_id: session.clientId,
    scope: session.scope,
    sid: session.id,
    jti: randomSecret(),
    iat: NOW - 10,
    exp: NOW + 3600,
    k: share,
  }
}
