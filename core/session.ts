import type { KeyRing } from './keys.ts'
import { open, seal, type Binding } from './sealing.ts'

export type Access = 'read' | 'full'

/** Who a session acts for, as the Registry's `/api/me` names them. */
export interface Person {
  /** The Quilt user name, `current_user`: the `sub` of tokens. */
  readonly name: string
  readonly email: string
}

/** What one approval opened; tokens point to it, ending it ends them. Times are seconds since 1970. */
export interface Session {
  readonly id: string
  readonly person: Person
  readonly clientId: string
  readonly clientName: string
  /** The canonical audience of the service that it is for. */
  readonly resource: string
  readonly scope: string
  readonly access: Access
  readonly createdAt: number
  readonly expiresAt: number
  /** The Quilt credential, sealed under the operator's key and a share that only its tokens carry. */
  readonly sealedCredential: string
}

/** What the gateway shows the service. */
export interface QuiltCredential {
  readonly token: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** Seals the Quilt credential of a session to be; the session's own facts cannot be changed under it. */
export function sealCredential(
  ring: KeyRing,
  session: Omit<Session, 'sealedCredential'>,
  secrets: { readonly share: string; readonly credential: QuiltCredential },
): Session {
  const sealedCredential = seal(ring, binding(session, secrets.share), JSON.stringify(secrets.credential))
  return { ...session, sealedCredential }
}

/** Opens it with the share `k` of one of the session's tokens; undefined where anything does not fit. */
export function openCredential(ring: KeyRing, session: Session, share: string): QuiltCredential | undefined {
  const plaintext = open(ring, binding(session, share), session.sealedCredential)
  return plaintext === undefined ? undefined : (JSON.parse(plaintext) as QuiltCredential)
}

function binding(session: Omit<Session, 'sealedCredential'>, share: string): Binding {
  return {
    purpose: 'session credential',
    share: Buffer.from(share, 'base64url'),
    context: [
      session.id,
      session.person.name,
      session.clientId,
      session.resource,
      session.access,
      session.expiresAt,
    ],
  }
}
