import type { Context } from 'koa'
import type { Log } from '../../core/log.ts'
import { open, seal, type Binding } from '../../core/sealing.ts'
import { openTransaction, type OpenTransaction } from '../browser-cookie.ts'
import { codeResponse, errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError, ShownError } from '../oauth/errors.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'
import { seeOther } from '../see-other.ts'
import { approve, type ApproveParts } from './approve.ts'
import { showConsent, type ConsentParts } from './consent.ts'
import { nextStep, type AskStep, type PasteCodeStep, type StepParts } from './next-step.ts'
import { readDecision } from './page-form.ts'
import { showCodePage, type CodePageParts } from './show-code-page.ts'
import { startSignIn, type SignInParts } from './sign-in.ts'
import { takeCode, type TakeCodeParts } from './take-code.ts'

export interface TransactionParts
  extends SignInParts, ApproveParts, ConsentParts, StepParts, TakeCodeParts, CodePageParts {
  readonly origin: string
  readonly iss: string | undefined
  readonly log: Log
}

/** The transaction's own page. Each step returns here, and what the store knows decides what comes next. */
export function showTransaction(parts: TransactionParts) {
  const toIdentityProvider = startSignIn(parts)
  const consent = showConsent(parts)
  const codePage = showCodePage(parts)
  const stepOf = nextStep(parts)
  return async function transactionPage(ctx: Context): Promise<void> {
    const opened = await transactionOf(parts, ctx)
    // A request that came as a form of another site brought no cookie, and so was given one more.
    parts.cookies.dropSurplus(ctx, opened.browser)
    const step = await stepOf(opened)
    if (step.kind === 'sign_in') await toIdentityProvider(ctx, opened, step.identityProvider)
    else if (step.kind === 'paste_code') codePage(ctx, opened, { step })
    else consent(ctx, opened, step)
  }
}

/** What the person sent from one of its pages; a double click is one answer. */
export function answerTransaction(parts: TransactionParts) {
  const codePasted = takeCode(parts)
  const codePage = showCodePage(parts)
  const issueCode = approve(parts)
  const stepOf = nextStep(parts)

  return async function transactionAnswer(ctx: Context): Promise<void> {
    const opened = await transactionOf(parts, ctx)
    const standing = await parts.transactions.answerOf(opened.id)
    if (standing !== undefined) {
      seeOther(ctx, readAnswer(parts, opened, standing))
      return
    }
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const step = await stepOf(opened)
    if (step.kind === 'sign_in' || !isFor(step, form)) {
      // The sign-in ran out while the page was open, or a double click came late: the page of now is shown.
      seeOther(ctx, `/connect/authorize/${opened.id}`)
      return
    }
    const decision = readDecision(parts, [ctx, form], { opened, step })
    if (decision === 'cancel') await finish(ctx, opened, await cancelled(opened, step))
    else if (step.kind === 'paste_code') await paste(ctx, opened, [step, form.get('quilt_code') ?? ''])
    else await finish(ctx, opened, await approved(opened, step))
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

  async function approved(opened: OpenTransaction, step: AskStep): Promise<string> {
    return codeResponse(opened.transaction, await issueCode(opened, step), parts.iss)
  }

  async function cancelled(opened: OpenTransaction, step: AskStep | PasteCodeStep): Promise<string> {
    if (step.kind === 'ask' && 'held' in step.from) {
      await parts.held.forget(opened.id)
      parts.logouts.begin(step.from.held.credential.token)
    }
    const error = new OAuthError('access_denied', 'the user cancelled')
    return errorResponse(opened.transaction, error, parts.iss)
  }

  /** The first answer stands, whichever of two came first. */
  async function finish(ctx: Context, opened: OpenTransaction, location: string): Promise<void> {
    const sealed = seal(parts.ring, answerBinding(opened), location)
    const answer = readAnswer(parts, opened, await parts.transactions.answer(opened.id, sealed))
    const decision = answer === location ? 'new' : 'answered before'
    parts.log.info(
      { decision, client: opened.transaction.clientName },
      'an authorization request was answered',
    )
    seeOther(ctx, answer)
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

/** The answer may hold a code, so the store sees it sealed under the browser's cookie. */
function answerBinding({ id, browser }: OpenTransaction): Binding {
  return { purpose: 'answer', share: Buffer.from(browser.cookie), context: [id] }
}

function readAnswer(parts: TransactionParts, opened: OpenTransaction, sealed: string): string {
  const answer = open(parts.ring, answerBinding(opened), sealed)
  if (answer !== undefined) return answer
  throw new ShownError('Already answered', 'This request was answered before. Return to the application.')
}
