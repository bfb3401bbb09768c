import type { Context } from 'koa'
import type { Log } from '../../core/log.ts'
import { open, seal, type Binding } from '../../core/sealing.ts'
import { openTransaction, type OpenTransaction } from '../browser-cookie.ts'
import { codeResponse, errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError, ShownError } from '../oauth/errors.ts'
import { approve, type ApproveParts } from './approve.ts'
import { readDecision, showConsent, type SignedInTransaction } from './consent.ts'
import { startSignIn, type SignInParts } from './sign-in.ts'

export interface TransactionParts extends SignInParts, ApproveParts {
  readonly issuer: string
  readonly log: Log
}

/** The transaction's own page. Each step returns here, and what the store knows decides what comes next. */
export function showTransaction(parts: TransactionParts) {
  const toIdentityProvider = startSignIn(parts)
  const consent = showConsent(parts)
  return async function transactionPage(ctx: Context): Promise<void> {
    const opened = await transactionOf(parts, ctx)
    const signedIn = withPerson(opened)
    if (signedIn === undefined) await toIdentityProvider(ctx, opened)
    else consent(ctx, signedIn)
  }
}

/** The person's answer; a double click is one answer. */
export function answerTransaction(parts: TransactionParts) {
  const issueCode = approve(parts)
  return async function transactionAnswer(ctx: Context): Promise<void> {
    const opened = await transactionOf(parts, ctx)
    const signedIn = withPerson(opened)
    ctx.status = 303
    if (signedIn === undefined) {
      // The sign-in ran out while the page was open: sign in again, and the page is shown again.
      ctx.redirect(`/connect/authorize/${opened.id}`)
      return
    }
    const decision = readDecision({ ring: parts.ring, origin: parts.issuer }, ctx, signedIn)
    const location =
      decision === 'cancel'
        ? errorResponse(
            opened.transaction,
            new OAuthError('access_denied', 'the user cancelled'),
            parts.issuer,
          )
        : codeResponse(opened.transaction, await issueCode(signedIn), parts.issuer)
    parts.log.info(
      { decision, client: opened.transaction.clientName },
      'an authorization request was answered',
    )
    ctx.redirect(await onlyAnswer(parts, opened, location))
  }
}

async function transactionOf(parts: TransactionParts, ctx: Context): Promise<OpenTransaction> {
  const { id = '' } = ctx.params as { id?: string }
  return await openTransaction(parts, id, parts.cookie.read(ctx))
}

function withPerson(opened: OpenTransaction): SignedInTransaction | undefined {
  const person = opened.browser.signIn
  return person === undefined ? undefined : { ...opened, person }
}

/** The first answer stands; it may hold a code, so the store sees it sealed under the browser's cookie. */
async function onlyAnswer(
  parts: TransactionParts,
  opened: OpenTransaction,
  location: string,
): Promise<string> {
  const binding: Binding = {
    purpose: 'answer',
    share: Buffer.from(opened.browser.cookie),
    context: [opened.id],
  }
  const standing = await parts.transactions.answer(opened.id, seal(parts.ring, binding, location))
  const answer = open(parts.ring, binding, standing)
  if (answer !== undefined) return answer
  throw new ShownError('Already answered', 'This request was answered before. Return to the application.')
}
