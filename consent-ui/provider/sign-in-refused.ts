/** Why a sign-in was refused, as far as the page says it. */
export type SignInRefusal =
  /** The user or the provider refused (RFC 6749 section 4.1.2.1). */
  | 'access_denied'
  /** Neither the ID token nor UserInfo has an address. */
  | 'no_email'
  | 'email_not_verified'
  | 'emails_differ'
  /** The ID token has expired or is not valid yet, by our clock. */
  | 'clocks_differ'
  /** The provider no longer accepts its own refresh token (RFC 6749 section 5.2). */
  | 'refresh_token_over'
  /** The provider has no account selection; it may still ask for a new sign-in. */
  | 'no_account_selection'
  /** The provider reported a logout before the sign-in arrived. */
  | 'signed_out'
  | 'other'

/** The provider refused, or its answer names no user. `reason` is for the log and has no secret. */
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
