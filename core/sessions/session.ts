import type { KeyRing } from '../keys/keys.ts'
import { openStored, seal, type Binding } from '../keys/sealing.ts'

const CREDENTIAL = 'session credential'

/** The longest lifetime that an operator can set (SESSION_MAX_DAYS). */
export const MAX_SESSION_DAYS = 90
export const MAX_SESSION_SECONDS = MAX_SESSION_DAYS * 86_400

export type Access = 'read' | 'full'

/** The user of a session, as in the Registry's `/api/me`. */
export interface Person {
  /** The Quilt user name (`current_user`); the `sub` of tokens. */
  readonly name: string
  readonly email: string
}

/** A session, opened by one approval; its end is the end of its tokens. Times are seconds since 1970. */
export interface Session {
  readonly id: string
  readonly person: Person
  readonly clientId: string
  readonly clientName: string
  readonly resource: string
  readonly scope: string
  readonly access: Access
  readonly createdAt: number
  readonly expiresAt: number
  /** When the Registry last accepted the credential; absent until the first refresh. Not bound into the seal. */
  readonly checkedAt?: number
  /** The user downgraded it to read-only. Not bound into the seal: sealing again would need a token of the session. */
  readonly narrowedTo?: 'read'
  /** The redirect URI of the code, or one of the client's: shown to the user, and checked against blocked hosts. */
  readonly redirectUri?: string
  /** Absent if the user approved it. */
  readonly approvedBy?: 'identity_provider'
  /** The Quilt credential, sealed under the operator's key and a share that only its tokens contain. */
  readonly sealedCredential: string
}

export interface QuiltCredential {
  readonly token: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** The access that a session has now: as granted, or less. */
export function accessOf({ access, narrowedTo }: Pick<Session, 'access' | 'narrowedTo'>): Access {
  return narrowedTo ?? access
}

export type SessionFacts = Omit<Session, 'sealedCredential'>

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

/** Opens the Quilt credential with `k` of one of the session's tokens; undefined when anything does not match. */
export function openCredential(ring: KeyRing, session: Session, share: string): QuiltCredential | undefined {
  const plaintext = openStored(ring, sessionBinding(CREDENTIAL, session, share), session.sealedCredential)
  return plaintext === undefined ? undefined : (JSON.parse(plaintext) as QuiltCredential)
}

/** Binds a sealed value to a session's share and to everything that was granted. */
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
