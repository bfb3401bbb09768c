import { SignInRefused } from './sign-in-refused.ts'

/** Claims as a provider sent them: `email` and `email_verified` (OpenID Connect Core section 5.1) are read. */
export type EmailClaims = Readonly<Record<string, unknown>>

/** What counts as an answer of the provider about its people's e-mail addresses. */
export interface EmailPolicy {
  /** An address counts of which the provider does not say whether it is verified, as some never do (Entra). */
  readonly emailsAreVerified: boolean
}

/** True if the ID token alone does not name a person by e-mail, so that UserInfo is to be asked. */
export function needsUserInfo(idToken: EmailClaims, { emailsAreVerified }: EmailPolicy): boolean {
  if (!isText(idToken.email)) return true
  return idToken.email_verified === undefined && !emailsAreVerified
}

/**
 * The person's e-mail address, of the ID token or of UserInfo (section 5.4). The address and its verification are
 * taken from the same answer, so that one is never said of the other's address.
 *
 * @throws SignInRefused
 */
export function verifiedEmail(
  idToken: EmailClaims,
  userInfo: EmailClaims | undefined,
  policy: EmailPolicy,
): string {
  const { email, email_verified: verified } = sourceOf(idToken, userInfo)
  if (!isText(email)) throw new SignInRefused('no e-mail address')
  const isDenied = isNo(idToken.email_verified) || isNo(verified)
  if (isDenied || (verified === undefined && !policy.emailsAreVerified)) {
    throw new SignInRefused('e-mail address not verified', 'email_not_verified')
  }
  return email
}

function sourceOf(idToken: EmailClaims, userInfo: EmailClaims = {}): EmailClaims {
  if (!isText(userInfo.email)) return idToken
  if (isText(idToken.email) && idToken.email !== userInfo.email) {
    throw new SignInRefused('ID token and UserInfo hold two e-mail addresses')
  }
  return userInfo
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Some providers say yes in text (Cognito); anything else that a provider says is a no. */
function isNo(verified: unknown): boolean {
  return verified !== undefined && verified !== true && verified !== 'true'
}
