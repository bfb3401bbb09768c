import type { Context } from 'koa'
import type { Log } from '../../core/log/log.ts'
import { codeResponse, errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError, ShownError } from '../oauth/errors.ts'
import type { Answers } from './answers.ts'
import type { CodeIssuer } from './code-issuer.ts'
import type { EarlierConsent } from './earlier-consents.ts'
import type { AskStep, Step } from './next-step.ts'
import type { OpenTransaction } from './open-transaction.ts'
import { pageNeeded } from './prompt-none.ts'

interface PagelessAnswersDependencies {
  readonly answers: Answers
  readonly codeIssuer: CodeIssuer
  readonly iss: string | undefined
  readonly log: Log
}

interface StepWithConsent<AnyStep extends Step> {
  readonly step: AnyStep
  readonly earlier: EarlierConsent | undefined
}

export class PagelessAnswers {
  readonly #dependencies: PagelessAnswersDependencies

  constructor(dependencies: PagelessAnswersDependencies) {
    this.#dependencies = dependencies
  }

  /** Answers with a code if an earlier consent allows it; otherwise changes nothing, and the user must be asked. */
  async answerFromEarlierConsent(
    ctx: Context,
    opened: OpenTransaction,
    { step, earlier }: StepWithConsent<AskStep>,
  ): Promise<'answered' | 'ask'> {
    const { answers, codeIssuer, iss, log } = this.#dependencies
    const grant = earlier?.skipGrant
    // A held credential was obtained for a page that asks the user: the code page, or the consent page itself.
    if (grant === undefined || 'held' in step.from) return 'ask'
    await answers.answer(ctx, opened, async () => {
      const issued = await codeIssuer.issueCode(ctx, opened, { step, grant })
      log.info({ client: opened.transaction.clientName }, 'consent page skipped: earlier consent')
      const location = codeResponse(opened.transaction, issued.code, iss)
      return { outcome: 'remembered', choice: 'not asked', location, ...issued }
    })
    return 'answered'
  }

  /** Answers a request with `prompt=none`: with a code, or with an error that says which page is needed. */
  async answerPromptNone(
    ctx: Context,
    opened: OpenTransaction,
    { step, earlier }: StepWithConsent<Step>,
  ): Promise<void> {
    const { answers, iss } = this.#dependencies
    const error = await this.#errorUnlessAnswered(ctx, opened, { step, earlier })
    if (error === undefined) return
    const location = errorResponse(opened.transaction, error, iss)
    await answers.answer(ctx, opened, () => ({ outcome: 'page_needed', choice: error.code, location }))
  }

  async #errorUnlessAnswered(
    ctx: Context,
    opened: OpenTransaction,
    { step, earlier }: StepWithConsent<Step>,
  ): Promise<OAuthError | undefined> {
    if (step.kind !== 'ask') return pageNeeded(step.kind)
    try {
      const outcome = await this.answerFromEarlierConsent(ctx, opened, { step, earlier })
      return outcome === 'answered' ? undefined : pageNeeded(step.kind)
    } catch (error) {
      if (!(error instanceof ShownError)) throw error
      return new OAuthError('interaction_required', 'the user must see a page')
    }
  }
}
