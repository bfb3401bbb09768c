import type { Context } from 'koa'
import { openTransaction, type OpenTransaction } from '../browser/browser-cookie.ts'
import { showConsent, type ConsentParts } from './consent.ts'
import { earlierConsent, type EarlierConsent } from './earlier-consent.ts'
import { alreadyAnswered, sendableAgain, sendAgain, standingAnswer, type Answer } from './finish.ts'
import { nextStep, type Step, type StepParts } from './next-step.ts'
import { showCodePage, type CodePageParts } from './show-code-page.ts'
import type { SignInParts } from './sign-in.ts'
import { startSignIn } from './start-sign-in.ts'
import type { TakeCodeParts } from './take-code.ts'
import { answerSilently, answerUnasked, type UnaskedParts } from './unasked.ts'

export interface TransactionParts
  extends SignInParts, UnaskedParts, ConsentParts, StepParts, TakeCodeParts, CodePageParts {
  readonly origin: string
}

/** The transaction's own page. Each step returns here, and what the store knows decides what comes next. */
export function showTransaction(parts: TransactionParts) {
  const toIdentityProvider = startSignIn(parts)
  const consent = showConsent(parts)
  const codePage = showCodePage(parts)
  const stepOf = nextStep(parts)
  const earlierOf = earlierConsent(parts)
  const isAnsweredUnasked = answerUnasked(parts)
  const answerOf = standingAnswer(parts)
  const mayBeSentAgain = sendableAgain(parts)
  const again = sendAgain(parts)
  const silently = answerSilently(parts)

  return async function transactionPage(ctx: Context): Promise<void> {
    const opened = await transactionOf(parts, ctx)
    // A request that came as a form of another site brought no cookie, and so was given one more.
    parts.cookies.dropSurplus(ctx, opened.browser)
    const standing = await answerOf(opened)
    if (standing !== undefined && (await isSentOn(ctx, opened, standing))) return
    const step = await stepOf(opened)
    if (standing !== undefined && step.kind !== 'ask') throw alreadyAnswered()
    const earlier = await earlierAt(opened, step)
    if (opened.transaction.isSilent === true) await silently(ctx, opened, { step, earlier })
    else if (step.kind === 'sign_in') await toIdentityProvider(ctx, opened, step)
    else if (step.kind === 'paste_code') codePage(ctx, opened, { step })
    else if (!(await isAnsweredUnasked(ctx, opened, { step, earlier })))
      consent(ctx, opened, { step, earlier })
  }

  /** False for a page that can be shown once more, since the same answer to it is. */
  async function isSentOn(ctx: Context, opened: OpenTransaction, standing: Answer): Promise<boolean> {
    const { mayBeUnasked, isSilent } = opened.transaction
    const isSendable = await mayBeSentAgain(standing)
    // Loaded again, where perhaps no page was shown: one answer is enough.
    if (isSendable && (mayBeUnasked === true || isSilent === true)) await again(ctx, opened, standing)
    else if (!isSendable || standing.code === undefined) throw alreadyAnswered()
    else return false
    return true
  }

  async function earlierAt(
    { transaction }: OpenTransaction,
    step: Step,
  ): Promise<EarlierConsent | undefined> {
    return step.kind === 'ask' ? await earlierOf(transaction, step.person) : undefined
  }
}

/** The transaction that a request's path names, for its own browser. */
export async function transactionOf(parts: TransactionParts, ctx: Context): Promise<OpenTransaction> {
  const { id = '' } = ctx.params as { id?: string }
  return await openTransaction(parts, ctx, id)
}
