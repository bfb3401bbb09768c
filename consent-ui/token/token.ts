import type { Context } from 'koa'
import { required } from '../oauth/parameters.ts'
import { callerOf } from './caller.ts'
import { readClientRequest, type ClientRequestParts } from './client-request.ts'
import { redeemCode } from './redeem-code.ts'
import { refresh } from './refresh.ts'
import { requireGrantOf, unsupportedGrantType } from './require-grant.ts'
import type { GrantParts } from './token-response.ts'

/** The token endpoint (RFC 6749 section 3.2): who asks, and by which grant. */
export function token(parts: GrantParts & ClientRequestParts) {
  const authorizationCode = redeemCode(parts)
  const refreshToken = refresh(parts)
  const requireGrant = requireGrantOf(parts)
  return async function tokenEndpoint(ctx: Context): Promise<void> {
    const { parameters, client } = await readClientRequest(ctx, parts, requireGrant)
    const hasProvenKey = client.authentication.method !== 'none'
    const caller = callerOf(ctx, { clientId: client.id, hasProvenKey }, parts.egressRanges)
    const grantType = required(parameters, 'grant_type')
    if (grantType === 'authorization_code') ctx.body = await authorizationCode(parameters, caller)
    else if (grantType === 'refresh_token') ctx.body = await refreshToken(parameters, caller)
    else throw unsupportedGrantType()
  }
}
