import type { Middleware } from 'koa'
import type { Accounts } from './accounts.ts'
import { readForm } from './form.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import { notAuthenticated, Refusal } from './refusal.ts'

export interface TokenParts {
  readonly accounts: Accounts
  readonly tokens: QuiltTokens
  readonly codes: OneTimeCodes
}

/**
 * `POST /api/token`, form-encoded: another token for a one-time code or a token, as quilt3 asks for it. A token
 * that is shown stays good.
 */
export function token({ accounts, tokens, codes }: TokenParts): Middleware {
  return async function anotherToken(ctx) {
    const form = readForm(ctx.request.body)
    const shown = typeof form === 'string' ? undefined : form.get('refresh_token')
    if (shown === undefined) throw new Refusal(400, { message: 'refresh_token is missing from the form.' })
    const account = codes.redeem(shown) ?? (await tokens.ownerOf(shown).catch(invalid))
    const issued = await tokens.issue(accounts.requireActive(account))
    ctx.body = { refresh_token: issued.token, access_token: issued.token, expires_at: issued.expiresAt }
  }
}

function invalid(cause: unknown): never {
  if (!(cause instanceof Refusal)) throw cause
  throw Object.assign(notAuthenticated('Token invalid'), { cause })
}
