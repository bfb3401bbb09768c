import type { Context } from 'koa'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import type { IdentityProvider } from '../provider/identity-provider.ts'
import { ShownError } from '../oauth/errors.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import type { StepParts } from './next-step.ts'
import { visitIdentityProvider, type VisitParts } from './visit.ts'

export interface StartSignInParts extends VisitParts, Pick<StepParts, 'provider'> {
  readonly transactions: TransactionStore
}

/** More tabs and attempts no person has; each visit is kept in the store. */
const MAX_VISITS_OF_TRANSACTION = 20

/** The person of a transaction signs in. */
export function startSignIn(parts: StartSignInParts) {
  const visit = visitIdentityProvider(parts)

  return async function toIdentityProvider(
    ctx: Context,
    { id, browser, transaction }: OpenTransaction,
    { identityProvider, prompt }: { readonly identityProvider: IdentityProvider } & Reauthentication,
  ): Promise<void> {
    if ((await parts.transactions.countVisit(id)) > MAX_VISITS_OF_TRANSACTION) {
      throw new ShownError('Too many sign-ins', 'Go back to the application and connect again.', 429)
    }
    // A one-time code gives a token that the Registry renews.
    const needsRenewal = parts.provider.source === 'exchange'
    const changes = prompt === undefined ? {} : { prompt }
    const asked = { ...transaction.reauthentication, ...changes, needsRenewal }
    await visit(ctx, identityProvider, { browser, errand: { to: 'transaction', id }, asked })
  }
}
