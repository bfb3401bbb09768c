import type { SessionStore } from '../../core/sessions/session-store.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required } from '../oauth/parameters.ts'
import { readRefreshToken } from '../oauth/refresh-token.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { RequireHolder } from './client-request.ts'
import { refuse } from './exchange-refresh-token.ts'
import { invalidGrant } from './redeem-code.ts'

interface Parts {
  readonly codes: CodeStore
  readonly sessions: SessionStore
}

/**
 * Requires of a token request that its code or refresh token was given to the client that it names, before anything is
 * fetched for that client.
 *
 * @returns a function that throws OAuthError `invalid_grant` or `unsupported_grant_type`
 */
export function requireGrantOf({ codes, sessions }: Parts): RequireHolder {
  return async function requireGrant(parameters, clientId) {
    const grantType = required(parameters, 'grant_type')
    if (grantType === 'authorization_code') {
      const code = await codes.find(required(parameters, 'code'))
      if (code?.approval.clientId !== clientId) throw invalidGrant()
    } else if (grantType === 'refresh_token') {
      const token = readRefreshToken(required(parameters, 'refresh_token'))
      const session = token === undefined ? undefined : await sessions.find(token.sessionId)
      if (session?.clientId !== clientId) refuse()
    } else throw unsupportedGrantType()
  }
}

export function unsupportedGrantType(): OAuthError {
  return new OAuthError('unsupported_grant_type', 'grant_type must be authorization_code or refresh_token')
}
