import type { SessionStore } from '../../core/sessions/session-store.ts'
import { JWT_BEARER } from '../enterprise/identity-assertion.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { readRefreshToken } from '../oauth/refresh-token.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { AssertionGrant } from './assertion-grant.ts'

interface RequireGrantDependencies {
  readonly codes: CodeStore
  readonly sessions: SessionStore
  /** Undefined when enterprise-managed authorization is off. */
  readonly assertionGrant: Pick<AssertionGrant, 'requireGenuine'> | undefined
}

/** A grant serves only its own client. @throws OAuthError `invalid_grant` or `unsupported_grant_type` */
export async function requireGrant(
  { codes, sessions, assertionGrant }: RequireGrantDependencies,
  parameters: Parameters,
  clientId: string,
): Promise<void> {
  const grantType = required(parameters, 'grant_type')
  if (grantType === 'authorization_code') {
    const code = await codes.find(required(parameters, 'code'))
    if (code?.approval.clientId !== clientId) throw invalidCode()
  } else if (grantType === 'refresh_token') {
    const token = readRefreshToken(required(parameters, 'refresh_token'))
    const session = token === undefined ? undefined : await sessions.find(token.sessionId)
    if (session?.clientId !== clientId) throw invalidRefreshToken()
  } else if (grantType === JWT_BEARER && assertionGrant !== undefined) {
    await assertionGrant.requireGenuine(parameters, clientId)
  } else throw unsupportedGrantType()
}

export function unsupportedGrantType(): OAuthError {
  return new OAuthError('unsupported_grant_type', 'grant_type must be authorization_code or refresh_token')
}

/** One text for every fault, so that it does not reveal which check failed. */
export function invalidCode(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'the code is unknown, used, expired, or was issued for another request',
  )
}

/** One text for every fault, so that it does not reveal which check failed. */
export function invalidRefreshToken(): OAuthError {
  return new OAuthError('invalid_grant', 'the refresh token is unknown, used, expired or revoked')
}
