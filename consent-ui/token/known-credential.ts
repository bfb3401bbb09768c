import type { Context } from 'koa'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { VerificationKeys } from '../../core/tokens/verification-keys.ts'
import { readAccessToken } from '../../core/tokens/verify-access-token.ts'
import { isKnownToken } from '../oauth/judge-refresh-token.ts'
import { parseParameters } from '../oauth/parameters.ts'
import { readHistory } from '../oauth/refresh-history.ts'
import { readRefreshToken } from '../oauth/refresh-token.ts'
import type { CodeStore } from '../store/code-store.ts'

interface KnownCredentialParts {
  readonly issuer: string
  readonly keys: VerificationKeys
  readonly sessions: SessionStore
  readonly codes: CodeStore
  readonly now: () => number
}

const SESSION_ID = /^[A-Za-z0-9_-]{43}$/

/**
 * Whether a form brings a token or code that the store knows, which costs a hash and a look-up. An address that has
 * failed too often is heard only then: no signature is verified, no client looked up, no token derived for the rest.
 */
export function knownCredential(parts: KnownCredentialParts) {
  return async function bringsKnownCredential(ctx: Context): Promise<boolean> {
    const { body } = ctx.request as { body?: unknown }
    const { parameters } = parseParameters(typeof body === 'string' ? body : '')
    const code = parameters.get('code')
    if (code !== undefined && (await parts.codes.find(code)) !== undefined) return true
    const token = parameters.get('refresh_token') ?? parameters.get('token')
    return token !== undefined && (await isKnown(token))
  }

  async function isKnown(token: string): Promise<boolean> {
    const refreshToken = readRefreshToken(token)
    if (refreshToken !== undefined) {
      const state = await parts.sessions.findRefresh(refreshToken.sessionId)
      if (state === undefined) return false
      return isKnownToken(refreshToken, { ...state, history: readHistory(state.history) })
    }
    const read = readAccessToken(token, parts.keys, { issuer: parts.issuer, now: parts.now() })
    if (!read.ok || !SESSION_ID.test(read.unverified.sid)) return false
    return (await parts.sessions.find(read.unverified.sid)) !== undefined
  }
}
