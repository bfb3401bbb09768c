import type { Context } from 'koa'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import { codeResponse, errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError } from '../oauth/errors.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'
import { ANOTHER_ACCOUNT } from '../pages/another-account.ts'
import { seeOther } from '../http/see-other.ts'
import { chooseAnotherAccount } from './another-account.ts'
import { approve } from './approve.ts'
import { readConsent } from './consent.ts'
import {
  alreadyAnswered,
  finishTransaction,
  sendableAgain,
  sendAgain,
  standingAnswer,
  type NewAnswer,
} from './finish.ts'
import { nextStep, type AskStep, type PasteCodeStep } from './next-step.ts'
import { readDecision } from './page-form.ts'
import { showCodePage } from './show-code-page.ts'
import { takeCode } from './take-code.ts'
import { transactionOf, type TransactionParts } from './transaction.ts'

/** What the person sent from one of its pages; a double click is one answer. */
export function answerTransaction(parts: TransactionParts) {
  const codePasted = takeCode(parts)
  const codePage = showCodePage(parts)
  const issueCode = approve(parts)
  const consented = readConsent(parts)
  const finish = finishTransaction(parts)
  const answerOf = standingAnswer(parts)
  const mayBeSentAgain = sendableAgain(parts)
  const again = sendAgain(parts)
  const askForAccount = chooseAnotherAccount(parts)
  const stepOf = nextStep(parts)

  return async function transactionAnswer(ctx: Context): Promise<void> {
    const opened = await transactionOf(parts, ctx)
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const standing = await answerOf(opened)
    if (standing !== undefined) {
      if (!(await mayBeSentAgain(standing, choiceOf(form)))) throw alreadyAnswered()
      await again(ctx, opened, standing)
      return
    }
    const step = await stepOf(opened)
    if (step.kind === 'sign_in' || !isFor(step, form)) {
      // The sign-in ran out while the page was open, or a double click came late: the page of now is shown.
      seeOther(ctx, `/connect/authorize/${opened.id}`)
      return
    }
    const decision = readDecision(parts, [ctx, form], { opened, step })
    if (decision === ANOTHER_ACCOUNT) await anotherAccount(ctx, opened, step)
    else if (decision === 'cancel') await finish(ctx, opened, () => cancelled(opened, step, form))
    else if (step.kind === 'paste_code') await paste(ctx, opened, [step, form.get('quilt_code') ?? ''])
    else await finish(ctx, opened, () => approved(ctx, opened, [step, form]))
  }

  async function paste(
    ctx: Context,
    opened: OpenTransaction,
    [step, pasted]: readonly [PasteCodeStep, string],
  ): Promise<void> {
    const fault = await codePasted(ctx, opened, [step, pasted])
    if (fault === undefined) seeOther(ctx, `/connect/authorize/${opened.id}`)
    else codePage(ctx, opened, { step, fault })
  }

  async function approved(
    ctx: Context,
    opened: OpenTransaction,
    [step, form]: readonly [AskStep, Parameters],
  ): Promise<NewAnswer> {
    const issued = await issueCode(ctx, opened, { step, grant: consented(opened, step, form) })
    const location = codeResponse(opened.transaction, issued.code, parts.iss)
    return { choice: choiceOf(form), location, ...issued }
  }

  async function cancelled(
    opened: OpenTransaction,
    step: AskStep | PasteCodeStep,
    form: Parameters,
  ): Promise<NewAnswer> {
    await forgetHeld(opened, step)
    const error = new OAuthError('access_denied', 'the user cancelled')
    return { choice: choiceOf(form), location: errorResponse(opened.transaction, error, parts.iss) }
  }

  async function anotherAccount(
    ctx: Context,
    opened: OpenTransaction,
    step: AskStep | PasteCodeStep,
  ): Promise<void> {
    await forgetHeld(opened, step)
    await askForAccount(ctx, opened)
    seeOther(ctx, `/connect/authorize/${opened.id}`)
  }

  async function forgetHeld(opened: OpenTransaction, step: AskStep | PasteCodeStep): Promise<void> {
    if (step.kind !== 'ask' || !('held' in step.from)) return
    await parts.held.forget(opened.id)
    parts.logouts.begin(step.from.held.credential.token)
  }
}

/** Equal for forms that answer alike. */
function choiceOf(form: Parameters): string {
  const decision = form.get('decision')
  const chosen = decision === 'continue' ? ['access', 'lifetime'].map((name) => form.get(name)) : []
  return JSON.stringify([decision, ...chosen])
}

/** False for the form of the other step's page, which is of the past. */
function isFor(step: AskStep | PasteCodeStep, form: Parameters): boolean {
  const ofTheOther = step.kind === 'ask' ? 'code' : 'continue'
  return form.get('decision') !== ofTheOther
}
