import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import type { Account, Accounts } from './accounts.ts'
import { IdTokenRefused } from './id-token.ts'
import { IdentityProviderUnavailable } from './identity-provider-metadata.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import { notAuthenticated, Refusal } from './refusal.ts'
import { PROVIDERS, type SingleSignOn } from './single-sign-on.ts'

const loginSchema = z.union([
  z.object({ username: z.string(), password: z.string() }),
  z.object({ provider: z.enum(PROVIDERS), code: z.string() }),
])

/** `POST /api/login`: with a password, or with a code of the identity provider. */
export function login(accounts: Accounts, tokens: QuiltTokens, sso: SingleSignOn): Middleware {
  return async function login(ctx) {
    const { data: given } = loginSchema.safeParse(ctx.request.body)
    if (given === undefined)
      throw new Refusal(400, { message: 'The body must be username and password, or provider and code.' })
    const account =
      'provider' in given
        ? await withCode(ctx, given.code)
        : accounts.withPassword(given.username, given.password)
    if (account === undefined) throw notAuthenticated('Login attempt failed')
    const { token, expiresAt } = await tokens.issue(accounts.requireActive(account))
    // Clients read one or the other.
    ctx.body = { token, refresh_token: token, access_token: token, exp: expiresAt }
  }

  async function withCode(ctx: Context, code: string): Promise<Account | undefined> {
    const email = await sso.emailOf(code, catalogCallback(ctx)).catch(refused)
    if (email === undefined) return undefined
    const account = accounts.withEmail(email)
    if (account === undefined) throw notAuthenticated('user does not exist')
    return account
  }
}

/** `GET /oidc-authorize/<provider>`: redirects to the identity provider. */
export function startSingleSignOn(sso: SingleSignOn): Middleware {
  return async function startSingleSignOn(ctx) {
    const { provider = '' } = ctx.params as { provider?: string }
    if (!PROVIDERS.includes(provider)) throw new Refusal(404, { message: 'Not found.' })
    const { state } = ctx.query
    const url = await sso
      .signInUrl(catalogCallback(ctx), typeof state === 'string' ? state : '')
      .catch(unavailable)
    ctx.status = 302
    ctx.set('Location', url)
  }
}

/** The catalog's page that receives the code; the demo has none. */
function catalogCallback(ctx: Context): string {
  return `http://localhost:${ctx.req.socket.localPort}/oauth-callback`
}

function refused(error: unknown): never {
  if (error instanceof IdTokenRefused) throw notAuthenticated('Login attempt failed')
  return unavailable(error)
}

function unavailable(error: unknown): never {
  if (!(error instanceof IdentityProviderUnavailable)) throw error
  const refusal = new Refusal(
    503,
    { message: 'The identity provider does not answer.' },
    { 'Retry-After': '5' },
  )
  throw Object.assign(refusal, { cause: error })
}
