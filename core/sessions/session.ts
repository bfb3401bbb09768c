import type { KeyRing } from '../keys/keys.ts'
import { openStored, seal, type Binding } from '../keys/sealing.ts'

const CREDENTIAL = 'session credential'

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
  /**
   * When the Registry last said that the person may use the credential; absent, it was when the session began.
   * Not bound into the seal, as it moves on with each refresh.
   */
  readonly checkedAt?: number
  /**
   * The person has taken back what it may change; see {@link accessOf}. Not bound into the seal, which nobody can
   * make anew without a token of the session.
   */
  readonly narrowedTo?: 'read'
  /**
   * Where the code went that the session began with: what the person knows the application by, and what its client
   * is blocked by where its id does not say so.
   */
  readonly redirectUri?: string
  /** The Quilt credential, sealed under the operator's key and a share that only its tokens carry. */
  readonly sealedCredential: string
}

/** What the gateway shows the service. */
export interface QuiltCredential {
  readonly token: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** What a session may do now: what was granted, or less. */
export function accessOf({ access, narrowedTo }: Pick<Session, 'access' | 'narrowedTo'>): Access {
  return narrowedTo ?? access
}

/** A session before anything is sealed into it. */
export type SessionFacts = Omit<Session, 'sealedCredential'>

/** Seals the Quilt credential of a session to be; none of the session's own facts can be changed under it. */
export function sealCredential(
  ring: KeyRing,
  session: SessionFacts,
  secrets: { readonly share: string; readonly credential: QuiltCredential },
): Session {
  const sealedCredential = seal(
    ring,
    sessionBinding(CREDENTIAL, session, secrets.share),
    JSON.stringify(secrets.credential),
  )
  return { ...session, sealedCredential }
}

/** Opens it with the share `k` of one of the session's tokens; undefined where anything does not fit. */
export function openCredential(ring: KeyRing, session: Session, share: string): QuiltCredential | undefined {
  const plaintext = openStored(ring, sessionBinding(CREDENTIAL, session, share), session.sealedCredential)
  return plaintext === undefined ? undefined : (JSON.parse(plaintext) as QuiltCredential)
}

/** What is sealed for a session under the share `k` of its tokens is bound to all that was granted. */
export function sessionBinding(purpose: string, session: SessionFacts, share: string): Binding {
  return {
    purpose,
    share: Buffer.from(share, 'base64url'),
    context: [
      session.id,
      session.person.name,
      session.person.email,
      session.clientId,
      session.clientName,
      session.resource,
      session.scope,
      session.access,
      session.createdAt,
      session.expiresAt,
    ],
  }
}
