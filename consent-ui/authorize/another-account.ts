import type { Context } from 'koa'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import { ShownError } from '../oauth/errors.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import { forgetSignIns, type BrowserParts } from '../browser/browser-at.ts'

export interface AnotherAccountParts extends BrowserParts {
  readonly transactions: TransactionStore
}

/** Forgets who is signed in; the transaction goes on with the account that the person chooses. */
export function chooseAnotherAccount(parts: AnotherAccountParts) {
  return async function askForAccount(
    ctx: Context,
    { id, transaction }: Pick<OpenTransaction, 'id' | 'transaction'>,
  ): Promise<void> {
    await forgetSignIns(parts, ctx)
    await parts.transactions.askForAccount(id, transaction)
  }
}

/** Quilt does not accept who signed in: as it is, the sign-in leads no further. */
export class SignInNotAccepted extends Error {
  readonly title: string

  constructor(title: string, explanation: string) {
    super(explanation)
    this.name = 'SignInNotAccepted'
    this.title = title
  }
}

/** Does what needs an accepted sign-in; one that is not accepted is forgotten, or it would be taken again. */
export function withAcceptedSignIn(parts: AnotherAccountParts) {
  const askForAccount = chooseAnotherAccount(parts)

  /** @throws ShownError that leads to the choice of an account */
  return async function accepted<Result>(
    ctx: Context,
    opened: OpenTransaction,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof SignInNotAccepted)) throw error
      await askForAccount(ctx, opened)
      const link = { href: `/connect/authorize/${opened.id}`, text: 'Use another account' }
      throw new ShownError(error.title, error.message, { status: 403, link })
    }
  }
}
