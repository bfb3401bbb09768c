/** Why a sign-in counts for nothing, as far as the person can be told. */
export type SignInRefusal =
  /** The person, or the provider for them, said no (RFC 6749 section 4.1.2.1). */
  | 'access_denied'
  /** The provider does not say that the e-mail address is the person's. */
  | 'email_not_verified'
  /** The ID token is over, or not valid yet, by our clock. */
  | 'clocks_differ'
  /** The provider, which issued the refresh token, gives no ID token for it any more (RFC 6749 section 5.2). */
  | 'refresh_token_over'
  /** The provider cannot let the person choose an account; it may still ask for a new sign-in. */
  | 'no_account_selection'
  | 'other'

/** The identity provider refused, or its answer names no person; `reason` is for the log and names no secret. */
export class SignInRefused extends Error {
  readonly reason: string
  readonly refusal: SignInRefusal

  constructor(reason: string, refusal: SignInRefusal = 'other') {
    super('the sign-in was refused')
    this.name = 'SignInRefused'
    this.reason = reason
    this.refusal = refusal
  }
}
