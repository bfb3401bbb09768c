import type { Context } from 'koa'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import type { IdentityProvider } from '../provider/identity-provider.ts'
import { errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError, ShownError } from '../oauth/errors.ts'
import { APPS_PAGE_ANOTHER_ACCOUNT } from '../http/paths.ts'
import type { SignInRefusal, SignInRefused } from '../provider/sign-in-refused.ts'
import type { Browser } from '../store/browser-store.ts'
import type { Errand } from '../store/visit-store.ts'
import { finishTransaction, type FinishParts } from './finish.ts'
import { startSignIn, type StartSignInParts } from './start-sign-in.ts'
import { visitIdentityProvider } from './visit.ts'

export interface RefuseParts extends StartSignInParts, FinishParts {
  /** Who answers (RFC 9207); undefined where our metadata does not say that we tell. */
  readonly iss: string | undefined
}

/** Where a visit ends: the page that the browser goes back to, and for whom. */
export interface Return {
  readonly errand: Errand
  readonly page: string
  readonly browser: Browser
  readonly opened?: OpenTransaction
}

/** A sign-in counts for nothing: the client is told what it can be told, and the person what they can do. */
export function refuseSignIn(parts: RefuseParts, identityProvider: IdentityProvider) {
  const finish = finishTransaction(parts)
  const visit = visitIdentityProvider(parts)
  const toIdentityProvider = startSignIn(parts)

  return async function refuse(
    ctx: Context,
    { errand, page, browser, opened }: Return,
    { reason, refusal }: SignInRefused,
  ): Promise<void> {
    parts.log.warn({ reason, refusal }, 'identity provider: sign-in refused')
    if (refusal === 'no_account_selection' && errand.choosesAccount === true) {
      const anew = { prompt: 'login' } as const
      if (opened !== undefined) await toIdentityProvider(ctx, opened, { identityProvider, ...anew })
      else await visit(ctx, identityProvider, { browser, errand, asked: anew })
    } else if (refusal === 'access_denied' && opened !== undefined) {
      const error = new OAuthError('access_denied', 'the user was not signed in')
      const location = errorResponse(opened.transaction, error, parts.iss)
      await finish(ctx, opened, () => ({ choice: 'not signed in', location }))
    } else {
      if (opened !== undefined && isAboutAccount(refusal)) {
        await parts.transactions.askForAccount(opened.id, opened.transaction)
      }
      throw signInRefused(refusal, opened === undefined ? APPS_PAGE_ANOTHER_ACCOUNT : page)
    }
  }
}

/** What the page says of a sign-in that counts for nothing, and whether another account can help. */
interface Explanation {
  readonly title: string
  readonly text: string
  readonly isAboutAccount: boolean
}

const OTHER: Explanation = {
  title: 'Sign-in did not succeed',
  text: 'Your identity provider did not sign you in. Use another account, or go back to where you came from and begin again.',
  isAboutAccount: true,
}

const EXPLANATIONS: Readonly<Partial<Record<SignInRefusal, Explanation>>> = {
  email_not_verified: {
    title: 'E-mail address not verified',
    text: 'Your identity provider does not say that your e-mail address is verified, so it cannot be matched with a Quilt account. Ask your administrator to verify it, or use another account.',
    isAboutAccount: true,
  },
  clocks_differ: {
    title: 'Clocks differ',
    text: 'Your identity provider signed you in, but its clock and the clock of this server differ too much for the sign-in to count. You cannot repair this yourself: tell your Quilt administrator.',
    isAboutAccount: false,
  },
}

/** True if another account of the person's may be accepted. */
function isAboutAccount(refusal: SignInRefusal): boolean {
  return (EXPLANATIONS[refusal] ?? OTHER).isAboutAccount
}

/** @param page - where the sign-in begins anew */
function signInRefused(refusal: SignInRefusal, page: string): ShownError {
  const { title, text } = EXPLANATIONS[refusal] ?? OTHER
  const link = { href: page, text: isAboutAccount(refusal) ? 'Use another account' : 'Try again' }
  return new ShownError(title, text, { status: 403, link })
}
