import type { Context } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import type { Log } from '../../core/log/log.ts'
import { errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError, ShownError, type Explanation } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import type { IdentityProvider } from '../provider/identity-provider.ts'
import type { SignInRefusal, SignInRefused } from '../provider/sign-in-refused.ts'
import type { Browser } from '../store/browser-store.ts'
import type { LoginPurpose } from '../store/login-attempt-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import type { Answers } from './answers.ts'
import type { LoginAttempts } from './login-attempts.ts'
import type { OpenTransaction } from './open-transaction.ts'

export interface RefuseSignInDependencies {
  readonly answers: Answers
  readonly loginAttempts: LoginAttempts
  readonly transactions: TransactionStore
  readonly iss: string | undefined
  readonly audit: Audit
  readonly log: Log
}

/** The browser's return from the identity provider. */
export interface LoginReturn {
  readonly purpose: LoginPurpose
  /** The page that the browser continues with. */
  readonly page: string
  readonly browser: Browser
  readonly opened?: OpenTransaction
}

/** A sign-in was refused: retries it, reports it to the client, or explains it to the user. */
export async function refuseSignIn(
  dependencies: RefuseSignInDependencies & { readonly identityProvider: IdentityProvider },
  ctx: Context,
  { purpose, page, browser, opened, refused }: LoginReturn & { readonly refused: SignInRefused },
): Promise<void> {
  const { identityProvider, answers, loginAttempts, transactions, iss, audit, log } = dependencies
  const { reason, refusal } = refused
  log.warn({ reason, refusal }, 'identity provider: sign-in refused')
  audit.record({ name: 'SignIn', isSuccess: false, reason: refusal, by: 'user' })
  if (refusal === 'no_account_selection' && purpose.choosesAccount === true) {
    const asked = { prompt: 'login' } as const
    if (opened === undefined) {
      await loginAttempts.beginAttempt(ctx, identityProvider, { browser, purpose, asked })
    } else await loginAttempts.beginForTransaction(ctx, opened, { identityProvider, ...asked })
  } else if (refusal === 'access_denied' && opened !== undefined) {
    const error = new OAuthError('access_denied', 'the user was not signed in')
    const location = errorResponse(opened.transaction, error, iss)
    await answers.answer(ctx, opened, () => ({
      outcome: 'sign_in_refused',
      choice: 'not signed in',
      location,
    }))
  } else {
    if (opened !== undefined && isAboutAccount(refusal)) {
      await transactions.askForAccount(opened.id, opened.transaction)
    }
    throw signInRefused(refusal, page, opened !== undefined)
  }
}

interface RefusedSignIn {
  readonly explanation: Explanation
  /** Another account may be accepted. */
  readonly isAboutAccount: boolean
}

const OTHER: RefusedSignIn = { explanation: en.errors.signInFailed, isAboutAccount: true }

const EXPLAINED: Readonly<Partial<Record<SignInRefusal, RefusedSignIn>>> = {
  no_email: { explanation: en.errors.noEmail, isAboutAccount: true },
  emails_differ: { explanation: en.errors.emailsDiffer, isAboutAccount: true },
  email_not_verified: { explanation: en.errors.emailNotVerified, isAboutAccount: true },
  signed_out: { explanation: en.errors.signedOutMeanwhile, isAboutAccount: false },
  access_denied: { explanation: en.errors.signInCancelled, isAboutAccount: false },
  clocks_differ: { explanation: en.errors.clocksDiffer, isAboutAccount: false },
}

function isAboutAccount(refusal: SignInRefusal): boolean {
  return (EXPLAINED[refusal] ?? OTHER).isAboutAccount
}

/** @param page - where the user can sign in again; a transaction's page already asks for another account */
function signInRefused(refusal: SignInRefusal, page: string, isTransaction: boolean): ShownError {
  const { explanation, isAboutAccount: isOfAccount } = EXPLAINED[refusal] ?? OTHER
  const href = isOfAccount && !isTransaction ? `${page}?account=another` : page
  const link = { href, text: isOfAccount ? en.links.anotherAccount : en.links.tryAgain }
  return new ShownError(explanation, { status: 403, link })
}
