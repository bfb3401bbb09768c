import type { Context } from 'koa'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { VerificationKeys } from '../../core/tokens/verification-keys.ts'
import { readAccessToken } from '../../core/tokens/verify-access-token.ts'
import { isKnownToken } from '../oauth/judge-refresh-token.ts'
import { parseParameters } from '../oauth/parameters.ts'
import { readHistory } from '../oauth/refresh-history.ts'
import { readRefreshToken } from '../oauth/refresh-token.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { AssertionGrant } from './assertion-grant.ts'

interface KnownCredentialDependencies {
  readonly issuer: string
  readonly keys: VerificationKeys
  readonly sessions: SessionStore
  readonly codes: CodeStore
  /** Undefined when enterprise-managed authorization is off. */
  readonly assertionGrant: Pick<AssertionGrant, 'isGenuine'> | undefined
  readonly now: () => number
}

const SESSION_ID = /^[A-Za-z0-9_-]{43}$/

/**
 * True if a form's token or code is in Redis, or the identity provider signed its assertion. One hash and one read, or
 * one signature, for addresses over their failure limit.
 */
export async function hasKnownCredential(
  dependencies: KnownCredentialDependencies,
  ctx: Context,
): Promise<boolean> {
  const { body } = ctx.request as { body?: unknown }
  const { parameters } = parseParameters(typeof body === 'string' ? body : '')
  const code = parameters.get('code')
  if (code !== undefined && (await dependencies.codes.find(code)) !== undefined) return true
  const assertion = parameters.get('assertion')
  if (assertion !== undefined && dependencies.assertionGrant !== undefined) {
    return await dependencies.assertionGrant.isGenuine(assertion)
  }
  const token = parameters.get('refresh_token') ?? parameters.get('token')
  return token !== undefined && (await isKnown(dependencies, token))
}

async function isKnown(
  { issuer, keys, sessions, now }: KnownCredentialDependencies,
  token: string,
): Promise<boolean> {
  const refreshToken = readRefreshToken(token)
  if (refreshToken !== undefined) {
    const state = await sessions.findRefresh(refreshToken.sessionId)
    if (state === undefined) return false
    return isKnownToken(refreshToken, { ...state, history: readHistory(state.history) })
  }
  const read = readAccessToken(token, keys, { issuer, now: now() })
  if (!read.ok || !SESSION_ID.test(read.unverified.sid)) return false
  return (await sessions.find(read.unverified.sid)) !== undefined
}
