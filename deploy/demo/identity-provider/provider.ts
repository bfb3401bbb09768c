import type { EventEmitter } from 'node:events'
import type { RequestListener } from 'node:http'
import type { Middleware } from 'koa'
import Provider, { type JWK } from 'oidc-provider'
import type { Log } from '../../../core/log/log.ts'
import type { DemoPerson } from '../people.ts'
import { newSigningKey, providerSettings, SESSION_COOKIE, type RelyingParty } from './provider-settings.ts'
import { signIn } from './sign-in.ts'

export interface IdentityProviderOptions {
  /** The bare origin that the browser sees. */
  readonly issuer: string
  readonly client: RelyingParty
  readonly people: readonly DemoPerson[]
  readonly log: Log
  /** Default: a new one, as at each start of the demo. */
  readonly signingKey?: JWK
}

/** The library's paths of RP-initiated logout. */
const LOGOUT_PATH = '/session/end'

/** The identity provider of the demo organisation, with its own pages. */
export async function createIdentityProvider(options: IdentityProviderOptions): Promise<RequestListener> {
  const { issuer, client, people, log, signingKey = await newSigningKey() } = options
  const provider = new Provider(issuer, providerSettings(client, people, signingKey))
  const complain = (error: Error): void => log.error({ error: error.message }, 'request failed')
  provider.on('server_error', (_ctx, error) => complain(error))
  // Koa's event, which is missing in the library's types.
  const koaEvents: EventEmitter = provider
  koaEvents.on('error', complain)
  provider.use(ignoreSessions())
  provider.use(signIn(provider, people).routes())
  const handle = provider.callback()
  return (request, response) => void handle(request, response)
}

/**
 * Ignores the session cookie at sign-in, so that one browser can sign in as one demo user after the other without
 * signing out.
 */
function ignoreSessions(): Middleware {
  const remembered = new RegExp(`^${SESSION_COOKIE}(\\.sig)?=`)
  return async function ignoreSession(ctx, next) {
    if (ctx.path.startsWith(LOGOUT_PATH)) {
      await next()
      return
    }
    const cookies = ctx.req.headers.cookie?.split(/; */) ?? []
    ctx.req.headers.cookie = cookies.filter((cookie) => !remembered.test(cookie)).join('; ')
    await next()
  }
}
