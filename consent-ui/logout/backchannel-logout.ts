import type { Context, Middleware } from 'koa'
import type { Log } from '../../core/log/log.ts'
import { OAuthError } from '../oauth/errors.ts'
import { readParameters, required } from '../oauth/parameters.ts'
import type { IdentityProvider } from '../provider/identity-provider.ts'
import type { ProviderKeys } from '../provider/provider-keys.ts'
import type { AssertionStore } from '../store/assertion-store.ts'
import { readLogoutToken, refused, type LogoutToken } from './logout-token.ts'
import type { ProviderLogouts } from './provider-logouts.ts'

export interface BackchannelLogoutDependencies {
  readonly providerLogouts: ProviderLogouts
  readonly usedAssertions: AssertionStore
  readonly log: Log
  readonly now: () => number
}

interface Provider {
  readonly identityProvider: IdentityProvider
  readonly keys: ProviderKeys
}

/** POST /connect/backchannel-logout (OpenID Connect Back-Channel Logout 1.0 section 2.5). */
export function backchannelLogout(
  dependencies: BackchannelLogoutDependencies,
  provider: Provider,
): Middleware {
  const { providerLogouts, usedAssertions, log } = dependencies

  return async function backchannelLogout(ctx) {
    const token = await verified(ctx, provider, dependencies.now()).catch((error: unknown) => {
      if (error instanceof OAuthError) log.warn({ reason: error.message }, 'back-channel logout: refused')
      throw error
    })
    if (await usedAssertions.isUsed(token.hash)) throw refused('its jti was used before')
    await providerLogouts.logOut(token, 'back-channel')
    // Afterwards: if the logout fails halfway, the provider sends the same token again.
    await usedAssertions.use(token.hash, token.secondsLeft)
    ctx.status = 200
    ctx.body = ''
  }
}

/**
 * Tells a logout that the provider signed, at the cost of one signature, from an address over its failure limit: those
 * who share the provider's address must not keep its logouts away.
 */
export function isGenuineLogout(
  { now }: Pick<BackchannelLogoutDependencies, 'now'>,
  provider: Provider,
): (ctx: Context) => Promise<boolean> {
  return async function isGenuineLogout(ctx) {
    return await verified(ctx, provider, now()).then(
      () => true,
      (error: unknown) => {
        if (error instanceof OAuthError) return false
        throw error
      },
    )
  }
}

async function verified(
  ctx: Context,
  { identityProvider, keys }: Provider,
  now: number,
): Promise<LogoutToken> {
  const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
  const token = required(form, 'logout_token')
  const { clientId } = await identityProvider.metadata()
  return await readLogoutToken(token, { clientId, keys, now })
}
