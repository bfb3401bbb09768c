import type { Context } from 'koa'
import { knownBrowsers, preferred, signInAt, type BrowserDependencies } from '../browser/browser-at.ts'
import { OAuthError } from '../oauth/errors.ts'
import { reauthenticationFor, type PromptRequest } from '../oauth/prompt.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { EarlierConsents, TransactionRequest } from './earlier-consents.ts'
import type { Step } from './next-step.ts'

export interface PromptNoneDependencies extends BrowserDependencies {
  readonly earlierConsents: EarlierConsents
  readonly provider: CredentialProvider
  readonly now: () => number
}

/** @throws OAuthError that names the page the user would have to see (OpenID Connect Core section 3.1.2.6) */
export async function requireNoPage(
  dependencies: PromptNoneDependencies,
  ctx: Context,
  { prompt, request }: { readonly prompt: PromptRequest; readonly request: TransactionRequest },
): Promise<void> {
  const { provider, earlierConsents, now } = dependencies
  const browser = preferred(await knownBrowsers(dependencies, ctx))
  const signIn = browser === undefined ? undefined : signInAt(browser, now())
  const isRecentEnough = reauthenticationFor(prompt, signIn?.authenticatedAt, now()) === undefined
  if (provider.identityProvider === undefined || signIn === undefined || !isRecentEnough) {
    throw pageNeeded('sign_in')
  }
  if (provider.source === 'code') throw pageNeeded('paste_code')
  const consent = await earlierConsents.findEarlierConsent(request, signIn)
  if (consent?.skipGrant === undefined) throw pageNeeded('ask')
}

/** The error for a client that sent `prompt=none` although the user must see a page. */
export function pageNeeded(step: Step['kind']): OAuthError {
  switch (step) {
    case 'sign_in':
      return new OAuthError('login_required', 'the user must sign in')
    case 'paste_code':
      return new OAuthError('interaction_required', 'the user must get a one-time code from Quilt')
    case 'ask':
      return new OAuthError('consent_required', 'the user must be asked for consent')
  }
}
