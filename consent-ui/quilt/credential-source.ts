import type { QuiltCredential } from '../../core/sessions/session.ts'

/** Gets a user's next credential without the user. The token is a secret and is stored sealed. */
export type Renewal =
  /** A refresh token of the Registry's token exchange. */
  | { readonly by: 'registry'; readonly token: string }
  /** A refresh token of the identity provider, for the user with this subject. */
  | { readonly by: 'identity_provider'; readonly token: string; readonly subject: string }
  /** A Quilt token, for which `/api/token` gives another. */
  | { readonly by: 'quilt_token'; readonly token: string }

export interface ObtainedCredential extends QuiltCredential {
  /** Absent if the credential cannot be renewed. */
  readonly renewWith?: Renewal
}

/** The credential or its user was refused. `reason` is for the log and has no secret. */
export class CredentialRefused extends Error {
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super('the credential was refused', options)
    this.name = 'CredentialRefused'
    this.reason = reason
  }
}

export interface RenewalMoment {
  /** Seconds since 1970. */
  readonly now: number
  /** Stores a successor at once: the predecessor may have ended already. */
  readonly keep: (renewWith: Renewal) => Promise<void>
}

interface CredentialRenewer {
  /** @throws CredentialRefused if its own issuer has ended it; Unavailable for every other failure */
  renew(renewWith: Renewal, moment: RenewalMoment): Promise<ObtainedCredential>
}

/** Obtains Quilt credentials for a proof of identity: an ID token or a one-time code. */
export interface CredentialSource<Proof> extends CredentialRenewer {
  /** `now` is in seconds since 1970. @throws CredentialRefused, Unavailable */
  obtain(proof: Proof, now: number): Promise<ObtainedCredential>
}
