import { createPrivateKey, randomBytes, randomUUID, sign } from 'node:crypto'
import { ACCESS_TOKEN_ALGORITHM, ACCESS_TOKEN_TYPE } from '../../core/tokens/access-token.ts'
import { randomSecret } from '../../core/keys/hash.ts'
import { sealCredential, type Access, type Session } from '../../core/sessions/session.ts'
import { SessionStore } from '../../core/sessions/session-store.ts'
import type { Store } from '../../core/store/redis.ts'
import { credentialOf } from '../load/expected.ts'
import type { Identity } from './identity.ts'

const HOUR_SECONDS = 3600
/** About the length of a Quilt token. */
const CREDENTIAL_BYTES = 150
const BATCH = 500
export const PERSON = { name: 'ada', email: 'ada@example.com' }

/** A session with the token of its client and the credential for its service. */
export interface OpenedSession {
  readonly session: Session
  readonly token: string
  readonly credential: string
}

/** Opens sessions of one user and client, numbered from 0. */
export function openSessions(
  identity: Identity,
  {
    count,
    access,
    nowSeconds,
  }: { readonly count: number; readonly access: Access; readonly nowSeconds: number },
): OpenedSession[] {
  const key = createPrivateKey({
    key: identity.signingKey.privateKey.export({ format: 'jwk' }),
    format: 'jwk',
  })
  return Array.from({ length: count }, (_, number) => {
    const share = randomSecret()
    const token = `${credentialOf(number)}-${randomBytes(CREDENTIAL_BYTES).toString('base64url')}`
    const facts = {
      id: randomSecret(),
      person: PERSON,
      clientId: 'https://client.example/oauth/metadata.json',
      clientName: 'A client',
      resource: identity.audience,
      scope: 'platform',
      access,
      createdAt: nowSeconds - 60,
      checkedAt: nowSeconds,
      expiresAt: nowSeconds + 24 * HOUR_SECONDS,
    }
    const credential = { token, expiresAt: nowSeconds + 2 * HOUR_SECONDS }
    const session = sealCredential(identity.sealingRing, facts, { share, credential })
    const claims = {
      iss: identity.origin,
      aud: session.resource,
      sub: PERSON.name,
      client_id: session.clientId,
      scope: session.scope,
      sid: session.id,
      jti: randomSecret(),
      iat: nowSeconds,
      exp: nowSeconds + HOUR_SECONDS,
      k: share,
    }
    const header = { alg: ACCESS_TOKEN_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid: identity.signingKey.kid }
    const signed = [header, claims].map(encode).join('.')
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
    return { session, token: `${signed}.${signature.toString('base64url')}`, credential: token }
  })
}

/** Stores sessions as redeeming a code does. */
export async function storeSessions(redis: Store, sessions: readonly Session[]): Promise<void> {
  const store = new SessionStore(redis)
  for (let at = 0; at < sessions.length; at += BATCH) {
    await Promise.all(sessions.slice(at, at + BATCH).map((session) => storeSession(store, session)))
  }
}

/** Stores copies of a session under other ids, which no row uses. */
export async function storeCopies(redis: Store, session: Session, count: number): Promise<void> {
  const store = new SessionStore(redis)
  for (let at = 0; at < count; at += BATCH) {
    const copies = Array.from({ length: Math.min(BATCH, count - at) }, () => ({
      ...session,
      id: randomSecret(),
    }))
    await Promise.all(copies.map((copy) => storeSession(store, copy)))
  }
}

async function storeSession(store: SessionStore, session: Session): Promise<void> {
  const code = { hash: randomUUID(), record: 'issued', usedMarker: 'used', usedSeconds: 1 }
  await store.issueCode(session.id, code.hash, { record: code.record, seconds: 60 })
  const refresh = { hash: randomSecret(), generation: 1, keyId: 'demo' }
  await store.openSession(code, { session, refresh, idleSeconds: HOUR_SECONDS })
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
