import type { Middleware } from 'koa'
import type { Accounts } from './accounts.ts'
import { bearerOf, type Authenticate } from './authenticate.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import type { Renewals } from './renewals.ts'

/** `GET /api/me`. */
export function showUser(authenticate: Authenticate): Middleware {
  return async function showUser(ctx) {
    const { quilt, email } = (await authenticate(ctx.headers.authorization)).person
    ctx.body = { current_user: quilt.name, email, is_staff: false, is_active: true }
  }
}

/** `GET /api/code`: a one-time code. */
export function issueCode(authenticate: Authenticate, codes: OneTimeCodes): Middleware {
  return async function issueCode(ctx) {
    ctx.body = { code: codes.issue(await authenticate(ctx.headers.authorization)) }
  }
}

/** `POST /api/refresh`: replaces the token, which is then refused. */
export function refresh(accounts: Accounts, tokens: QuiltTokens): Middleware {
  return async function refresh(ctx) {
    const previous = bearerOf(ctx.headers.authorization)
    const account = accounts.requireActive(await tokens.ownerOf(previous))
    const { token, expiresAt } = await tokens.issue(account, await tokens.end(previous))
    ctx.body = { token, exp: expiresAt }
  }
}

/** `POST /api/logout`: ends this token, and its refresh token. */
export function logOut(tokens: QuiltTokens, renewals: Renewals): Middleware {
  return async function logOut(ctx) {
    const refreshToken = await tokens.end(bearerOf(ctx.headers.authorization))
    if (refreshToken !== undefined) renewals.end(refreshToken)
    ctx.body = {}
  }
}
