import type { Context } from 'koa'
import { OAuthError } from '../oauth/errors.ts'
import { reauthenticationFor, type PromptRequest } from '../oauth/prompt.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import { knownBrowsers, preferred, type BrowserParts } from '../browser/browser-at.ts'
import { earlierConsent, type Asked, type EarlierConsentParts } from './earlier-consent.ts'
import { signInAt } from '../browser/sign-in-at.ts'
import type { Step } from './next-step.ts'

export interface SilentParts extends BrowserParts, EarlierConsentParts {
  readonly provider: CredentialProvider
}

/**
 * `prompt=none`: the person may be shown nothing. Where they signed in, and an earlier answer stands in for a new
 * one, that is no hindrance; else which page it would have been is the answer (OpenID Connect Core section 3.1.2.6).
 */
export function refuseSilently(parts: SilentParts) {
  const earlier = earlierConsent(parts)

  return async function refuseUnlessRemembered(
    ctx: Context,
    prompt: PromptRequest,
    asked: Asked,
  ): Promise<void> {
    const browser = preferred(await knownBrowsers(parts, ctx))
    const signIn = browser === undefined ? undefined : signInAt(browser, parts.now())
    const isEnough = reauthenticationFor(prompt, signIn?.authenticatedAt, parts.now()) === undefined
    if (parts.provider.identityProvider === undefined || signIn === undefined || !isEnough) {
      throw pageNeededFor('sign_in')
    }
    if (parts.provider.source === 'code') throw pageNeededFor('paste_code')
    const consent = await earlier(asked, signIn)
    if (consent?.unasked === undefined) throw pageNeededFor('ask')
  }
}

/** What a client is told that wanted no page, and cannot do without that one. */
export function pageNeededFor(step: Step['kind']): OAuthError {
  switch (step) {
    case 'sign_in':
      return new OAuthError('login_required', 'the user has to sign in')
    case 'paste_code':
      return new OAuthError('interaction_required', 'the user has to get a code from Quilt')
    case 'ask':
      return new OAuthError('consent_required', 'the user has to be asked')
  }
}
