import type { Context } from 'koa'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import { codeResponse, errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError, ShownError } from '../oauth/errors.ts'
import { approve, type ApproveParts } from './approve.ts'
import type { EarlierConsent } from './earlier-consent.ts'
import { finishTransaction, type FinishParts } from './finish.ts'
import type { AskStep, Step } from './next-step.ts'
import { pageNeededFor } from './silent.ts'

export interface UnaskedParts extends ApproveParts, FinishParts {
  readonly iss: string | undefined
}

/** Answers a transaction without a page, where an earlier answer of its person stands in for a new one. */
export function answerUnasked(parts: UnaskedParts) {
  const issueCode = approve(parts)
  const finish = finishTransaction(parts)

  /** @returns false where they have to be asked */
  return async function unasked(
    ctx: Context,
    opened: OpenTransaction,
    { step, earlier }: { readonly step: AskStep; readonly earlier: EarlierConsent | undefined },
  ): Promise<boolean> {
    // Who has just pasted a code for a transaction was told that they would decide about it.
    const grant = earlier?.unasked
    if (grant === undefined || 'held' in step.from) return false
    await finish(ctx, opened, async () => {
      const issued = await issueCode(ctx, opened, { step, grant })
      parts.log.info({ client: opened.transaction.clientName }, 'an earlier consent stands in for a new one')
      const location = codeResponse(opened.transaction, issued.code, parts.iss)
      return { choice: 'not asked', location, ...issued }
    })
    return true
  }
}

/** Answers a transaction whose client wanted no page to be shown. */
export function answerSilently(parts: UnaskedParts) {
  const unasked = answerUnasked(parts)
  const finish = finishTransaction(parts)

  return async function silently(
    ctx: Context,
    opened: OpenTransaction,
    { step, earlier }: { readonly step: Step; readonly earlier: EarlierConsent | undefined },
  ): Promise<void> {
    const fault = await faultOf(step.kind, async () => {
      return step.kind === 'ask' && (await unasked(ctx, opened, { step, earlier }))
    })
    if (fault === undefined) return
    const location = errorResponse(opened.transaction, fault, parts.iss)
    await finish(ctx, opened, () => ({ choice: fault.code, location }))
  }

  /** What there is to tell the client when it was not answered; a page that nobody is to see is none. */
  async function faultOf(
    kind: Step['kind'],
    answer: () => Promise<boolean>,
  ): Promise<OAuthError | undefined> {
    try {
      return (await answer()) ? undefined : pageNeededFor(kind)
    } catch (error) {
      if (!(error instanceof ShownError)) throw error
      return new OAuthError('interaction_required', 'the user has to see a page')
    }
  }
}
