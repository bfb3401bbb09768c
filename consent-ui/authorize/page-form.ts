import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import { formToken, isFormToken, type FormBinding } from '../browser/form-token.ts'
import { ShownError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { ANOTHER_ACCOUNT } from '../pages/another-account.ts'
import type { AskStep, PasteCodeStep } from './next-step.ts'

/** A page with a form, as it was shown. */
export interface ShownPage {
  readonly opened: OpenTransaction
  readonly step: AskStep | PasteCodeStep
}

/** The token that a page's form carries. */
export function csrfToken(ring: KeyRing, page: ShownPage): string {
  return formToken(ring, bindingOf(page))
}

/** What a person may answer on each page; nothing else is an answer. */
const DECISIONS = {
  ask: ['continue', 'cancel', ANOTHER_ACCOUNT],
  paste_code: ['code', 'cancel', ANOTHER_ACCOUNT],
} as const

export type Decision = (typeof DECISIONS)[keyof typeof DECISIONS][number]

/**
 * Reads what the person decided, in a form that this page showed to them.
 *
 * @throws ShownError when it is not that form
 */
export function readDecision(
  { ring, origin }: { readonly ring: KeyRing; readonly origin: string },
  [ctx, form]: readonly [Context, Parameters],
  page: ShownPage,
): Decision {
  const token = form.get('csrf_token') ?? ''
  const ours = isFormToken(ring, token, bindingOf(page))
  const decision = DECISIONS[page.step.kind].find((known) => known === form.get('decision'))
  if (ctx.get('Origin') === origin && ours && decision !== undefined) return decision
  throw new ShownError(
    'This page has changed',
    'Somebody else has signed in since it was shown, or it was not answered here. Go back and answer again.',
    403,
  )
}

/** Bound to step, browser, transaction and person: whoever the page did not name has not answered it. */
function bindingOf({ opened: { id, browser }, step }: ShownPage): FormBinding {
  const person = step.kind === 'ask' ? step.person : step.signIn
  return { page: step.kind, bound: [id, browser.id, person?.issuer, person?.subject] }
}
