import type { Context } from 'koa'
import type { BrowserCookies } from '../browser/browser-cookie.ts'
import { ShownError } from '../oauth/errors.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { en } from '../pages/texts/en/en.ts'
import type { Browser, BrowserStore } from '../store/browser-store.ts'
import type { Transaction, TransactionStore } from '../store/transaction-store.ts'

/** A transaction in the browser that began it. */
export interface OpenTransaction {
  readonly id: string
  readonly transaction: Transaction
  readonly browser: Browser
}

export interface TransactionFinder {
  readonly transactions: TransactionStore
  readonly browsers: BrowserStore
  readonly cookies: BrowserCookies
}

/** @throws ShownError, the same for an expired transaction and for one of another browser */
export async function openTransaction(
  { transactions, browsers, cookies }: TransactionFinder,
  ctx: Context,
  id = idInPath(ctx),
): Promise<OpenTransaction> {
  const transaction = await transactions.find(id)
  const cookie = transaction === undefined ? undefined : cookies.read(ctx, transaction.browserId)
  const browser = cookie === undefined ? undefined : await browsers.find(cookie)
  if (transaction === undefined || browser?.id !== transaction.browserId) {
    throw new ShownError(en.errors.expired, { link: { href: APPS_PAGE, text: en.links.apps } })
  }
  return { id, transaction, browser }
}

export function transactionPage(id: string): string {
  return `/connect/authorize/${id}`
}

function idInPath(ctx: Context): string {
  const { id = '' } = ctx.params as { id?: string }
  return id
}
