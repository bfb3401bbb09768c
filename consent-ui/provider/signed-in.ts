/** The user signed in at a browser, as named by the identity provider, or by the Registry without one. */
export interface SignedIn {
  readonly issuer: string
  readonly subject: string
  readonly email: string
}
