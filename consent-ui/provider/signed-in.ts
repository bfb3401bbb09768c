/** Who is at a browser: named by the identity provider, or by the Registry itself where there is none. */
export interface SignedIn {
  readonly issuer: string
  readonly subject: string
  readonly email: string
}
