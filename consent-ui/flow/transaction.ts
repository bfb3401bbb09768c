import type { Context } from 'koa'
import { openTransaction, type OpenTransaction } from '../browser-cookie.ts'
import { codeResponse, errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError } from '../oauth/errors.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'
import { seeOther } from '../see-other.ts'
import { approve } from './approve.ts'
import { readConsent, showConsent, type ConsentParts } from './consent.ts'
import { earlierConsent, type EarlierConsent } from './earlier-consent.ts'
import { answerAgain, finishTransaction } from './finish.ts'
import { nextStep, type AskStep, type PasteCodeStep, type Step, type StepParts } from './next-step.ts'
import { readDecision } from './page-form.ts'
import { showCodePage, type CodePageParts } from './show-code-page.ts'
import { startSignIn, type SignInParts } from './sign-in.ts'
import { takeCode, type TakeCodeParts } from './take-code.ts'
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
  const isAnswered = answerAgain(parts)
  const silently = answerSilently(parts)

  return async function transactionPage(ctx: Context): Promise<void> {
    const opened = await transactionOf(parts, ctx)
    // A request that came as a form of another site brought no cookie, and so was given one more.
    parts.cookies.dropSurplus(ctx, opened.browser)
    // Loaded again, where no page was shown that could be shown again: one answer is enough.
    if (opened.transaction.mayBeUnasked === true && (await isAnswered(ctx, opened))) return
    const step = await stepOf(opened)
    const earlier = await earlierAt(opened, step)
    if (opened.transaction.isSilent === true) await silently(ctx, opened, { step, earlier })
    else if (step.kind === 'sign_in') await toIdentityProvider(ctx, opened, step.identityProvider)
    else if (step.kind === 'paste_code') codePage(ctx, opened, { step })
    else if (!(await isAnsweredUnasked(ctx, opened, { step, earlier })))
      consent(ctx, opened, { step, earlier })
  }

  async function earlierAt(
    { transaction }: OpenTransaction,
    step: Step,
  ): Promise<EarlierConsent | undefined> {
    return step.kind === 'ask' ? await earlierOf(transaction, step.person) : undefined
  }
}

/** What the person sent from one of its pages; a double click is one answer. */
export function answerTransaction(parts: TransactionParts) {
  const codePasted = takeCode(parts)
  const codePage = showCodePage(parts)
  const issueCode = approve(parts)
  const consented = readConsent(parts)
  const finish = finishTransaction(parts)
  const isAnswered = answerAgain(parts)
  const stepOf = nextStep(parts)

  return async function transactionAnswer(ctx: Context): Promise<void> {
    const opened = await transactionOf(parts, ctx)
    if (await isAnswered(ctx, opened)) return
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const step = await stepOf(opened)
    if (step.kind === 'sign_in' || !isFor(step, form)) {
      // The sign-in ran out while the page was open, or a double click came late: the page of now is shown.
      seeOther(ctx, `/connect/authorize/${opened.id}`)
      return
    }
    const decision = readDecision(parts, [ctx, form], { opened, step })
    if (decision === 'cancel') await finish(ctx, opened, () => cancelled(opened, step))
    else if (step.kind === 'paste_code') await paste(ctx, opened, [step, form.get('quilt_code') ?? ''])
    else await finish(ctx, opened, () => approved(opened, step, form))
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

  async function approved(opened: OpenTransaction, step: AskStep, form: Parameters): Promise<string> {
    const code = await issueCode(opened, step, consented(opened, step, form))
    return codeResponse(opened.transaction, code, parts.iss)
  }

  async function cancelled(opened: OpenTransaction, step: AskStep | PasteCodeStep): Promise<string> {
    if (step.kind === 'ask' && 'held' in step.from) {
      await parts.held.forget(opened.id)
      parts.logouts.begin(step.from.held.credential.token)
    }
    const error = new OAuthError('access_denied', 'the user cancelled')
    return errorResponse(opened.transaction, error, parts.iss)
  }
}

async function transactionOf(parts: TransactionParts, ctx: Context): Promise<OpenTransaction> {
  const { id = '' } = ctx.params as { id?: string }
  return await openTransaction(parts, ctx, id)
}

/** False for the form of the other step's page, which is of the past. */
function isFor(step: AskStep | PasteCodeStep, form: Parameters): boolean {
  const ofTheOther = step.kind === 'ask' ? 'code' : 'continue'
  return form.get('decision') !== ofTheOther
}
