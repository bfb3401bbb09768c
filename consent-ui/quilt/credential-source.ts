import type { QuiltCredential } from '../../core/sessions/session.ts'

/** What gets a person's next credential without the person. The token is a secret, sealed wherever it is kept. */
export type Renewal =
  /** A refresh token of the Registry's token exchange. */
  | { readonly by: 'registry'; readonly token: string }
  /** A refresh token of the identity provider's, for the person with this subject. */
  | { readonly by: 'identity_provider'; readonly token: string; readonly subject: string }
  /** A Quilt token, for which `/api/token` gives another. */
  | { readonly by: 'quilt_token'; readonly token: string }

/** A person's own Quilt credential as its source gave it. */
export interface ObtainedCredential extends QuiltCredential {
  /** Absent where nothing renews it. */
  readonly renewWith?: Renewal
}

/** Nobody gives a credential, or accepts it, for reasons of the person's; `reason` is for the log and names no secret. */
export class CredentialRefused extends Error {
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super('the credential was refused', options)
    this.name = 'CredentialRefused'
    this.reason = reason
  }
}

/** The moment of a renewal. */
export interface RenewalMoment {
  /** Seconds since 1970. */
  readonly now: number
  /** Called as soon as something else renews from here on: what was there before may be worth nothing already. */
  readonly keep: (renewWith: Renewal) => Promise<void>
}

/** What renews credentials, whoever they were obtained for. */
interface CredentialRenewer {
  /** @throws CredentialRefused where it never will again: its own issuer says so; Unavailable for everything else */
  renew(renewWith: Renewal, moment: RenewalMoment): Promise<ObtainedCredential>
}

/** Where Quilt credentials come from, for a proof of who somebody is. */
export interface CredentialSource<Proof> extends CredentialRenewer {
  /**
   * @param now - seconds since 1970
   * @throws CredentialRefused, Unavailable
   */
  obtain(proof: Proof, now: number): Promise<ObtainedCredential>
}
