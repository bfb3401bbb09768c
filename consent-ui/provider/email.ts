import { SignInRefused } from './sign-in-refused.ts'

/** Claims that a provider sent; `email` and `email_verified` are read (OpenID Connect Core section 5.1). */
export type EmailClaims = Readonly<Record<string, unknown>>

export interface EmailPolicy {
  /** Accepts an address without `email_verified`, which some providers never send (Entra). */
  readonly emailsAreVerified: boolean
}

/** True if the ID token has no verified e-mail address, so that UserInfo is needed. */
export function needsUserInfo(idToken: EmailClaims, { emailsAreVerified }: EmailPolicy): boolean {
  if (!isText(idToken.email)) return true
  return idToken.email_verified === undefined && !emailsAreVerified
}

/** Address and `email_verified` come from the same answer: ID token or UserInfo (section 5.4). @throws SignInRefused */
export function verifiedEmail(
  idToken: EmailClaims,
  userInfo: EmailClaims | undefined,
  policy: EmailPolicy,
): string {
  const { email, email_verified: verified } = sourceOf(idToken, userInfo)
  if (!isText(email))
    throw new SignInRefused(`no e-mail address: ${shapesOf('email', idToken, userInfo)}`, 'no_email')
  const isDenied = isNo(idToken.email_verified) || isNo(verified)
  if (isDenied || (verified === undefined && !policy.emailsAreVerified)) {
    const shapes = shapesOf('email_verified', idToken, userInfo)
    throw new SignInRefused(`e-mail address not verified: ${shapes}`, 'email_not_verified')
  }
  return email
}

/** What each answer has, for the log: its type and length, and of an address never more. */
function shapesOf(claim: 'email' | 'email_verified', idToken: EmailClaims, userInfo?: EmailClaims): string {
  const inUserInfo = userInfo === undefined ? 'not asked' : shapeOf(userInfo[claim])
  return `${claim} is ${shapeOf(idToken[claim])} in the ID token, ${inUserInfo} at UserInfo`
}

function shapeOf(value: unknown): string {
  if (value === undefined) return 'absent'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return `text of ${value.length} characters`
  return Array.isArray(value) ? `a list of ${value.length}` : `a ${value === null ? 'null' : typeof value}`
}

/** The address of an assertion, which has no UserInfo; undefined if nothing verifies it. @throws SignInRefused if denied */
export function assertedEmail(
  { email, email_verified: verified }: EmailClaims,
  { emailsAreVerified }: EmailPolicy,
): string | undefined {
  if (isNo(verified)) {
    throw new SignInRefused(`e-mail address not verified: it is ${shapeOf(verified)}`, 'email_not_verified')
  }
  return isText(email) && (verified !== undefined || emailsAreVerified) ? email : undefined
}

function sourceOf(idToken: EmailClaims, userInfo: EmailClaims = {}): EmailClaims {
  if (!isText(userInfo.email)) return idToken
  if (isText(idToken.email) && idToken.email !== userInfo.email) {
    throw new SignInRefused('ID token and UserInfo have different e-mail addresses', 'emails_differ')
  }
  return userInfo
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Cognito sends `"true"` as text. Every other value means not verified. */
function isNo(verified: unknown): boolean {
  return verified !== undefined && verified !== true && verified !== 'true'
}
