import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys/keys.ts'
import { formToken, isFormToken, type FormBinding } from '../browser/form-token.ts'
import { ShownError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { ANOTHER_ACCOUNT } from '../pages/another-account.ts'
import { en } from '../pages/texts/en/en.ts'
import type { AskStep, PasteCodeStep } from './next-step.ts'
import { transactionPage, type OpenTransaction } from './open-transaction.ts'

interface TransactionForm {
  readonly opened: OpenTransaction
  readonly step: AskStep | PasteCodeStep
}

export function csrfToken(ring: KeyRing, page: TransactionForm): string {
  const binding = bindingOf(page)
  return formToken(ring, binding)
}

const DECISIONS = {
  ask: ['continue', 'cancel', ANOTHER_ACCOUNT],
  paste_code: ['code', 'cancel', ANOTHER_ACCOUNT],
} as const

type Decision = (typeof DECISIONS)[keyof typeof DECISIONS][number]

/** @throws ShownError for a form of another site, browser, user or step */
export function readDecision(
  { ring, origin }: { readonly ring: KeyRing; readonly origin: string },
  { ctx, form }: { readonly ctx: Context; readonly form: Parameters },
  page: TransactionForm,
): Decision {
  const binding = bindingOf(page)
  const isOurs = isFormToken(ring, form.get('csrf_token') ?? '', binding)
  const decision = DECISIONS[page.step.kind].find((known) => known === form.get('decision'))
  if (ctx.get('Origin') === origin && isOurs && decision !== undefined) return decision
  throw new ShownError(en.errors.consentChanged, { status: 403, link: again(page.opened) })
}

function again({ id }: OpenTransaction) {
  return { href: transactionPage(id), text: en.links.startAgain }
}

/** Binds the form to the user too: an answer counts only for the user whom the page named. */
function bindingOf({ opened: { id, browser }, step }: TransactionForm): FormBinding {
  const person = step.kind === 'ask' ? step.person : step.signIn
  return { page: step.kind, bound: [id, browser.id, person?.issuer, person?.subject] }
}
