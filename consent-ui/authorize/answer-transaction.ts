import type { Context, Middleware } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { aboutRequest } from '../audit/about-request.ts'
import type { BrowserDependencies } from '../browser/browser-at.ts'
import { seeOther } from '../http/see-other.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { codeResponse, errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError } from '../oauth/errors.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'
import { ANOTHER_ACCOUNT } from '../pages/another-account.ts'
import { chooseAnotherAccount } from './another-account.ts'
import { alreadyAnswered, type Answers, type NewAnswer } from './answers.ts'
import type { CodeForm } from './code-form.ts'
import type { CodeIssuer } from './code-issuer.ts'
import type { ConsentForm } from './consent-form.ts'
import type { HeldCredentials } from './held-credentials.ts'
import { nextStep, type AskStep, type PasteCodeStep, type StepDependencies } from './next-step.ts'
import {
  openTransaction,
  transactionPage,
  type OpenTransaction,
  type TransactionFinder,
} from './open-transaction.ts'
import { readDecision } from './page-form.ts'
import type { PastedCodes } from './pasted-codes.ts'

interface AnswerTransactionDependencies extends BrowserDependencies, TransactionFinder, StepDependencies {
  readonly ring: KeyRing
  readonly origin: string
  readonly iss: string | undefined
  readonly answers: Answers
  readonly codeForm: CodeForm
  readonly consentForm: ConsentForm
  readonly pastedCodes: PastedCodes
  readonly codeIssuer: CodeIssuer
  readonly heldCredentials: HeldCredentials
  readonly metrics: ConsentUiMetrics
  readonly audit: Audit
}

interface SentForm {
  readonly step: AskStep | PasteCodeStep
  readonly form: Parameters
}

/** `continue` if the browser is to load the transaction's page again; `done` if it has its response. */
type Outcome = 'continue' | 'done'

/** POST /connect/authorize/<id>: the user's answer. A double click is one answer. */
export function answerTransaction(dependencies: AnswerTransactionDependencies): Middleware {
  const { answers, codeForm, consentForm, pastedCodes, codeIssuer, heldCredentials, metrics, iss } =
    dependencies

  return async (ctx) => {
    const opened = await openTransaction(dependencies, ctx)
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const answer = await answers.findAnswer(opened)
    if (answer !== undefined) {
      if (!(await answers.mayBeResent(answer, choiceOf(form)))) throw alreadyAnswered()
      await answers.resend(ctx, opened, answer)
      return
    }
    const step = await nextStep(dependencies, opened)
    // The sign-in may have expired while the page was open, or a double click arrived late.
    const isOutdated = step.kind === 'sign_in' || !isFor(step, form)
    const outcome = isOutdated ? 'continue' : await answerStep(ctx, opened, { step, form })
    if (outcome === 'continue') seeOther(ctx, transactionPage(opened.id))
  }

  async function answerStep(
    ctx: Context,
    opened: OpenTransaction,
    { step, form }: SentForm,
  ): Promise<Outcome> {
    const decision = readDecision(dependencies, { ctx, form }, { opened, step })
    if (decision === ANOTHER_ACCOUNT) {
      await heldCredentials.discard(opened, step)
      await chooseAnotherAccount(dependencies, ctx, opened)
      return 'continue'
    }
    if (decision === 'cancel') await answers.answer(ctx, opened, () => cancel(opened, { step, form }))
    else if (step.kind === 'paste_code') return await takeCode(ctx, opened, { step, form })
    else await answers.answer(ctx, opened, () => approve(ctx, opened, { step, form }))
    return 'done'
  }

  async function takeCode(
    ctx: Context,
    opened: OpenTransaction,
    { step, form }: SentForm & { readonly step: PasteCodeStep },
  ): Promise<Outcome> {
    const pasted = form.get('quilt_code') ?? ''
    const fault = await pastedCodes.takeCode(ctx, opened, { step, pasted })
    metrics.pastedCode(fault?.outcome ?? 'accepted')
    if (fault === undefined) return 'continue'
    codeForm.showCodeForm(ctx, opened, { step, fault })
    return 'done'
  }

  async function approve(
    ctx: Context,
    opened: OpenTransaction,
    { step, form }: SentForm & { readonly step: AskStep },
  ): Promise<NewAnswer> {
    const grant = consentForm.readConsentForm(opened, { step, form })
    const issued = await codeIssuer.issueCode(ctx, opened, { step, grant })
    const location = codeResponse(opened.transaction, issued.code, iss)
    return { outcome: 'approved', choice: choiceOf(form), location, ...issued }
  }

  async function cancel(opened: OpenTransaction, { step, form }: SentForm): Promise<NewAnswer> {
    await heldCredentials.discard(opened, step)
    const error = new OAuthError('access_denied', 'the user cancelled')
    const location = errorResponse(opened.transaction, error, iss)
    return {
      outcome: 'declined',
      choice: choiceOf(form),
      location,
      whenFirst: () => recordRefusal(opened, step),
    }
  }

  function recordRefusal({ transaction }: OpenTransaction, step: AskStep | PasteCodeStep): Promise<void> {
    const signedIn = step.kind === 'ask' ? step.person : step.signIn
    const person = signedIn === undefined ? undefined : { email: signedIn.email }
    const refused = { name: 'ConsentRefused', isSuccess: false, reason: 'cancelled', by: 'user' } as const
    dependencies.audit.record({ ...refused, ...aboutRequest(transaction, { person }) })
    return Promise.resolve()
  }
}

/** Equal for forms that mean the same answer. */
function choiceOf(form: Parameters): string {
  const decision = form.get('decision')
  const chosen = decision === 'continue' ? ['access', 'lifetime'].map((name) => form.get(name)) : []
  return JSON.stringify([decision, ...chosen])
}

/** False for the form of an earlier step's page. */
function isFor(step: AskStep | PasteCodeStep, form: Parameters): boolean {
  const decisionOfOtherStep = step.kind === 'ask' ? 'code' : 'continue'
  return form.get('decision') !== decisionOfOtherStep
}
