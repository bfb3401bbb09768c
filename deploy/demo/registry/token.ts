import type { Middleware } from 'koa'
import type { Accounts } from './accounts.ts'
import { readForm } from './form.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import { notAuthenticated, Refusal } from './refusal.ts'

/** `POST /api/token`, as quilt3 calls it: a new token for a one-time code or a token, which stays valid. */
export function token(accounts: Accounts, tokens: QuiltTokens, codes: OneTimeCodes): Middleware {
  return async function token(ctx) {
    const form = readForm(ctx.request.body)
    const given = typeof form === 'string' ? undefined : form.get('refresh_token')
    if (given === undefined) throw new Refusal(400, { message: 'refresh_token is missing from the form.' })
    const account = codes.redeem(given) ?? (await tokens.ownerOf(given).catch(invalid))
    const issued = await tokens.issue(accounts.requireActive(account))
    ctx.body = { refresh_token: issued.token, access_token: issued.token, expires_at: issued.expiresAt }
  }
}

function invalid(cause: unknown): never {
  if (!(cause instanceof Refusal)) throw cause
  throw Object.assign(notAuthenticated('Token invalid'), { cause })
}
