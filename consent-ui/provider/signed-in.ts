/** The user signed in at a browser, as named by the identity provider, or by the Registry without one. */
export interface SignedIn {
  readonly issuer: string
  readonly subject: string
  readonly email: string
}

/** Without the ID token of a sign-in. */
export function withoutTokens({ issuer, subject, email }: SignedIn): SignedIn {
  return { issuer, subject, email }
}

/** The sign-in at the identity provider, as its logout tokens name it. */
export interface ProviderSession {
  readonly issuer: string
  readonly subject: string
  /** `sid` of the ID token, if the provider sends it (OpenID Connect Back-Channel Logout 1.0 section 2.1). */
  readonly sid?: string
  /** `iat` of the ID token: seconds since 1970, by the provider's clock. */
  readonly issuedAt: number
}

/** Without anything else that an assertion holds. */
export function providerSessionOf({ issuer, subject, sid, issuedAt }: ProviderSession): ProviderSession {
  return { issuer, subject, issuedAt, ...(sid === undefined ? {} : { sid }) }
}

/** Longer than any provider's; it is part of Redis keys only as a hash. */
const MAX_SESSION_ID_CHARACTERS = 500

export function isSessionId(sid: string): boolean {
  return sid !== '' && sid.length <= MAX_SESSION_ID_CHARACTERS
}
