import type { Context } from 'koa'
import { OAuthError } from '../oauth/errors.ts'
import { openClient } from '../oauth/sealed-client.ts'
import { readParameters, required, type Parameters } from '../oauth/parameters.ts'
import type { KeyRing } from '../../core/keys.ts'
import { redeemCode } from './redeem-code.ts'
import { refresh } from './refresh.ts'
import type { GrantParts } from './token-response.ts'

/** The token endpoint (RFC 6749 section 3.2): who asks, and by which grant. */
export function token(parts: GrantParts) {
  const authorizationCode = redeemCode(parts)
  const refreshToken = refresh(parts)
  return async function tokenEndpoint(ctx: Context): Promise<void> {
    const { parameters, clientId } = readClientRequest(ctx, parts.ring)
    const grantType = required(parameters, 'grant_type')
    if (grantType === 'authorization_code') ctx.body = await authorizationCode(parameters, clientId)
    else if (grantType === 'refresh_token') ctx.body = await refreshToken(parameters, clientId)
    else {
      throw new OAuthError('unsupported_grant_type', 'grant_type must be authorization_code or refresh_token')
    }
  }
}

/**
 * Reads a form that a registered client sent.
 *
 * @throws OAuthError `invalid_client` (401) when the client is none of ours, which makes clients register anew
 */
export function readClientRequest(ctx: Context, ring: KeyRing): { parameters: Parameters; clientId: string } {
  if (typeof ctx.request.body !== 'string') {
    throw new OAuthError('invalid_request', 'the body must be application/x-www-form-urlencoded')
  }
  const parameters = readParameters(ctx.request.body)
  const clientId = required(parameters, 'client_id')
  if (openClient(ring, clientId) === undefined) {
    throw new OAuthError('invalid_client', 'this client_id is not registered here; register again')
  }
  return { parameters, clientId }
}
