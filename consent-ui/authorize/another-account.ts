import type { Context } from 'koa'
import { forgetSignIns, type BrowserDependencies } from '../browser/browser-at.ts'
import { ShownError, type Explanation } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import { transactionPage, type OpenTransaction } from './open-transaction.ts'

export interface AnotherAccountDependencies extends BrowserDependencies {
  readonly transactions: TransactionStore
}

/** Signs the user out; the transaction goes on with the account that they choose. */
export async function chooseAnotherAccount(
  dependencies: AnotherAccountDependencies,
  ctx: Context,
  { id, transaction }: Pick<OpenTransaction, 'id' | 'transaction'>,
): Promise<void> {
  await forgetSignIns(dependencies, ctx)
  await dependencies.transactions.askForAccount(id, transaction)
}

export class SignInNotAccepted extends Error {
  readonly explanation: Explanation

  constructor(explanation: Explanation) {
    super(explanation.text)
    this.name = 'SignInNotAccepted'
    this.explanation = explanation
  }
}

/** Signs the user out if Quilt does not accept them, or the same sign-in would be used again. @throws ShownError */
export async function withAcceptedSignIn<Result>(
  dependencies: AnotherAccountDependencies,
  { ctx, opened }: { readonly ctx: Context; readonly opened: OpenTransaction },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SignInNotAccepted)) throw error
    await chooseAnotherAccount(dependencies, ctx, opened)
    const link = { href: transactionPage(opened.id), text: en.links.anotherAccount }
    throw new ShownError(error.explanation, { status: 403, link })
  }
}
