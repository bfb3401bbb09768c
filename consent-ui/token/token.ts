import type { Middleware } from 'koa'
import type { EgressRange } from '../../core/network/egress-ranges.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import { JWT_BEARER } from '../enterprise/identity-assertion.ts'
import { required } from '../oauth/parameters.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { AssertionGrant } from './assertion-grant.ts'
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
  /** Undefined when enterprise-managed authorization is off. */
  readonly assertionGrant: AssertionGrant | undefined
}

/** The token endpoint (RFC 6749 section 3.2). */
export function token(dependencies: TokenDependencies): Middleware {
  const { codeGrant, refreshGrant, assertionGrant, egressRanges } = dependencies
  return async (ctx) => {
    const { parameters, client } = await readClientRequest(ctx, dependencies, (sent, clientId) =>
      requireGrant(dependencies, sent, clientId),
    )
    const requesting = requestingClient(ctx, client, egressRanges)
    const grantType = required(parameters, 'grant_type')
    if (grantType === 'authorization_code') ctx.body = await codeGrant.redeemCode(parameters, requesting)
    else if (grantType === 'refresh_token') ctx.body = await refreshGrant.refresh(parameters, requesting)
    else if (grantType === JWT_BEARER && assertionGrant !== undefined) {
      ctx.body = await assertionGrant.openSession(parameters, client)
    } else throw unsupportedGrantType()
  }
}
