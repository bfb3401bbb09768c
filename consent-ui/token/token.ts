import type { Middleware } from 'koa'
import type { EgressRange } from '../../core/network/egress-ranges.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import { required } from '../oauth/parameters.ts'
import type { CodeStore } from '../store/code-store.ts'
import { readClientRequest, requestingClient, type ClientRequestDependencies } from './client-request.ts'
import type { CodeGrant } from './code-grant.ts'
import type { RefreshGrant } from './refresh-grant.ts'
import { requireGrant, unsupportedGrantType } from './require-grant.ts'

interface TokenDependencies extends ClientRequestDependencies {
  readonly codes: CodeStore
  readonly sessions: SessionStore
  readonly egressRanges: readonly EgressRange[]
  readonly codeGrant: CodeGrant
  readonly refreshGrant: RefreshGrant
}

/** The token endpoint (RFC 6749 section 3.2). */
export function token(dependencies: TokenDependencies): Middleware {
  const { codeGrant, refreshGrant, egressRanges } = dependencies
  return async (ctx) => {
    const { parameters, client } = await readClientRequest(ctx, dependencies, (sent, clientId) =>
      requireGrant(dependencies, sent, clientId),
    )
    const requesting = requestingClient(ctx, client, egressRanges)
    const grantType = required(parameters, 'grant_type')
    if (grantType === 'authorization_code') ctx.body = await codeGrant.redeemCode(parameters, requesting)
    else if (grantType === 'refresh_token') ctx.body = await refreshGrant.refresh(parameters, requesting)
    else throw unsupportedGrantType()
  }
}
