import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import type { Log } from '../../../core/log/log.ts'
import type { Account, Accounts } from './accounts.ts'
import { IdTokenRefused } from './id-token.ts'
import { IdentityProviderUnavailable } from './identity-provider-metadata.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import { notAuthenticated, Refusal } from './refusal.ts'
import { PROVIDERS, type SingleSignOn } from './single-sign-on.ts'

export interface LoginParts {
  readonly accounts: Accounts
  readonly tokens: QuiltTokens
  readonly sso: SingleSignOn
  readonly log: Log
}

const loginSchema = z.union([
  z.object({ username: z.string(), password: z.string() }),
  z.object({ provider: z.enum(PROVIDERS), code: z.string() }),
])

/** `POST /api/login`: with a password, or with the code that the identity provider gave. */
export function login({ accounts, tokens, sso, log }: LoginParts): Middleware {
  return async function logIn(ctx) {
    const { data: shown } = loginSchema.safeParse(ctx.request.body)
    if (shown === undefined)
      throw new Refusal(400, { message: 'Username and password, or provider and code.' })
    const account =
      'provider' in shown
        ? await withCode(ctx, shown.code)
        : accounts.withPassword(shown.username, shown.password)
    if (account === undefined) throw notAuthenticated('Login attempt failed')
    const { token, expiresAt } = await tokens.issue(accounts.requireActive(account))
    // Clients read one or the other.
    ctx.body = { token, refresh_token: token, access_token: token, exp: expiresAt }
  }

  async function withCode(ctx: Context, code: string): Promise<Account | undefined> {
    const email = await sso.emailOf(code, catalogCallback(ctx)).catch((error: unknown) => refused(error, log))
    if (email === undefined) return undefined
    const account = accounts.withEmail(email)
    if (account === undefined) throw notAuthenticated('user does not exist')
    return account
  }
}

/** `GET /oidc-authorize/<provider>`: the browser goes on to the identity provider. */
export function startSingleSignOn(sso: SingleSignOn): Middleware {
  return async function toIdentityProvider(ctx) {
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

/** The catalog's page, which the demo doesn't have: it hands the code to whoever opened the sign-in. */
function catalogCallback(ctx: Context): string {
  return `http://localhost:${ctx.req.socket.localPort}/oauth-callback`
}

function refused(error: unknown, log: Log): never {
  if (!(error instanceof IdTokenRefused)) unavailable(error)
  log.warn({ reason: error.reason }, 'an ID token was refused')
  throw notAuthenticated('Login attempt failed')
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
