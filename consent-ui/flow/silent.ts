import type { Context } from 'koa'
import { OAuthError } from '../oauth/errors.ts'
import { reauthenticationFor, type PromptRequest } from '../oauth/prompt.ts'
import type { CredentialWay } from '../quilt/credential-way.ts'
import { knownBrowsers, preferred, type BrowserParts } from './browser-at.ts'
import { signInAt } from './sign-in-at.ts'

export interface SilentParts extends BrowserParts {
  readonly way: CredentialWay
  readonly now: () => number
}

/**
 * `prompt=none`: the person may be shown nothing, and they are always asked. Which page it would have been is the
 * answer (OpenID Connect Core section 3.1.2.6).
 */
export function refuseSilently(parts: SilentParts) {
  return async function refuse(ctx: Context, prompt: PromptRequest): Promise<never> {
    const browser = preferred(await knownBrowsers(parts, ctx))
    const signIn = browser === undefined ? undefined : signInAt(browser, parts.now())
    const isEnough = reauthenticationFor(prompt, signIn?.authenticatedAt, parts.now()) === undefined
    if (parts.way.identityProvider === undefined || signIn === undefined || !isEnough) {
      throw new OAuthError('login_required', 'the user has to sign in')
    }
    if (parts.way.source === 'code') {
      throw new OAuthError('interaction_required', 'the user has to get a code from Quilt')
    }
    throw new OAuthError('consent_required', 'the user has to be asked')
  }
}
