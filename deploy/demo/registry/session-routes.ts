import type Router from 'koa-router'
import type { Accounts } from './accounts.ts'
import { madeUpCredentials } from './aws-credentials.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import type { Renewals } from './renewals.ts'
import { bearerOf, type WhoAsks } from './who-asks.ts'

export interface SessionParts {
  readonly accounts: Accounts
  readonly tokens: QuiltTokens
  readonly renewals: Renewals
  readonly codes: OneTimeCodes
  readonly whoAsks: WhoAsks
  readonly now: () => number
}

/** What whoever is signed in may ask about themselves, and how they are signed out. */
export function addSessionRoutes(router: Router, parts: SessionParts): void {
  const { accounts, tokens, renewals, codes, whoAsks, now } = parts

  router.get('/api/me', async (ctx) => {
    const { quilt, email } = (await whoAsks(ctx.headers.authorization)).person
    ctx.body = { current_user: quilt.name, email, is_staff: false, is_active: true }
  })

  router.get('/api/code', async (ctx) => {
    ctx.body = { code: codes.issue(await whoAsks(ctx.headers.authorization)) }
  })

  router.get('/api/auth/get_credentials', async (ctx) => {
    await whoAsks(ctx.headers.authorization)
    ctx.body = madeUpCredentials(now())
  })

  // Another token in place of this one, which is good no more.
  router.post('/api/refresh', async (ctx) => {
    const shown = bearerOf(ctx.headers.authorization)
    const account = accounts.requireActive(await tokens.ownerOf(shown))
    const { token, expiresAt } = await tokens.issue(account, await tokens.end(shown))
    ctx.body = { token, exp: expiresAt }
  })

  router.post('/api/logout', async (ctx) => {
    const renewal = await tokens.end(bearerOf(ctx.headers.authorization))
    if (renewal !== undefined) renewals.end(renewal)
    ctx.body = {}
  })
}
