import type { Context, Middleware } from 'koa'
import { alreadyAnswered, type Answers, type TransactionAnswer } from './answers.ts'
import type { CodeForm } from './code-form.ts'
import type { ConsentForm } from './consent-form.ts'
import type { EarlierConsents } from './earlier-consents.ts'
import type { LoginAttempts } from './login-attempts.ts'
import { nextStep, type StepDependencies } from './next-step.ts'
import { openTransaction, type OpenTransaction, type TransactionFinder } from './open-transaction.ts'
import type { PagelessAnswers } from './pageless-answers.ts'

interface ShowTransactionDependencies extends TransactionFinder, StepDependencies {
  readonly answers: Answers
  readonly earlierConsents: EarlierConsents
  readonly pagelessAnswers: PagelessAnswers
  readonly loginAttempts: LoginAttempts
  readonly codeForm: CodeForm
  readonly consentForm: ConsentForm
}

/** GET /connect/authorize/<id>: the transaction's page. Each step redirects here, and Redis says which is next. */
export function showTransaction(dependencies: ShowTransactionDependencies): Middleware {
  const { cookies, answers, earlierConsents, pagelessAnswers, loginAttempts } = dependencies

  return async (ctx) => {
    const opened = await openTransaction(dependencies, ctx)
    // A form posted by another site carries no cookie, so the browser got one more.
    cookies.dropSurplus(ctx, opened.browser)
    const answer = await answers.findAnswer(opened)
    if (answer !== undefined && (await resendAnswer(ctx, opened, answer)) === 'resent') return
    const step = await nextStep(dependencies, opened)
    if (answer !== undefined && step.kind !== 'ask') throw alreadyAnswered()
    const earlier =
      step.kind === 'ask'
        ? await earlierConsents.findEarlierConsent(opened.transaction, step.person)
        : undefined
    if (opened.transaction.isSilent === true) {
      await pagelessAnswers.answerPromptNone(ctx, opened, { step, earlier })
    } else if (step.kind === 'sign_in') await loginAttempts.beginForTransaction(ctx, opened, step)
    else if (step.kind === 'paste_code') dependencies.codeForm.showCodeForm(ctx, opened, { step })
    else if ((await pagelessAnswers.answerFromEarlierConsent(ctx, opened, { step, earlier })) === 'ask') {
      await dependencies.consentForm.showConsentForm(ctx, opened, { step, earlier })
    }
  }

  /** Sends an earlier answer again, or lets the page be shown once more if the user can only repeat the answer. */
  async function resendAnswer(
    ctx: Context,
    opened: OpenTransaction,
    answer: TransactionAnswer,
  ): Promise<'resent' | 'show'> {
    const { mayBeUnasked, isSilent } = opened.transaction
    const mayBeResent = await answers.mayBeResent(answer)
    // A reload of a request that may have shown no page.
    if (mayBeResent && (mayBeUnasked === true || isSilent === true)) {
      await answers.resend(ctx, opened, answer)
      return 'resent'
    }
    if (!mayBeResent || answer.code === undefined) throw alreadyAnswered()
    return 'show'
  }
}
