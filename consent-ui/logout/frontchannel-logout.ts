import type { Middleware } from 'koa'
import { ShownError } from '../oauth/errors.ts'
import { readParameters } from '../oauth/parameters.ts'
import { en } from '../pages/texts/en/en.ts'
import { signedOutPage } from '../pages/sign-out-page.ts'
import type { IdentityProvider } from '../provider/identity-provider.ts'
import { isSessionId } from '../provider/signed-in.ts'
import type { ProviderSessions } from '../store/provider-sessions.ts'
import type { ProviderLogouts } from './provider-logouts.ts'

export interface FrontchannelLogoutDependencies {
  readonly providerSessions: ProviderSessions
  readonly providerLogouts: ProviderLogouts
  readonly now: () => number
}

/**
 * GET /connect/frontchannel-logout (OpenID Connect Front-Channel Logout 1.0 section 3), which the provider loads in an
 * iframe. It needs no cookie and shows nothing there; only a `sid` that signed a user in here has an effect.
 */
export function frontchannelLogout(
  dependencies: FrontchannelLogoutDependencies,
  identityProvider: IdentityProvider,
): Middleware {
  const { providerSessions, providerLogouts, now } = dependencies

  return async function frontchannelLogout(ctx) {
    const { hasBackchannelLogout } = await identityProvider.metadata()
    if (hasBackchannelLogout) {
      throw new ShownError(en.errors.backchannelOnly, 404)
    }
    const parameters = readParameters(ctx.querystring)
    const [issuer = '', sid = ''] = ['iss', 'sid'].map((name) => parameters.get(name))
    if (isSessionId(sid) && (await providerSessions.subjectOf({ issuer, sid })) !== undefined) {
      await providerLogouts.logOut({ issuer, sid, issuedAt: now() }, 'front-channel')
    }
    // The same page for an unknown `sid`: it must not tell who is signed in.
    ctx.type = 'html'
    ctx.body = signedOutPage()
  }
}
