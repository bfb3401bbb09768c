import type { Context } from 'koa'
import { BROWSER_SECONDS } from './lifetimes.ts'
import { ShownError } from './oauth/errors.ts'
import type { Transaction, TransactionStore } from './store/transaction-store.ts'
import type { Browser, BrowserStore } from './store/browser-store.ts'

/** The cookie that binds an authorization request to the browser that began it. */
export interface BrowserCookie {
  read(ctx: Context): string | undefined
  write(ctx: Context, browser: Browser): void
}

/** `__Host-` lets no other host set it (RFC 6265bis 4.1.3.2); it needs https, so plain-http localhost goes without. */
export function browserCookie(origin: string): BrowserCookie {
  const secure = origin.startsWith('https:')
  const name = secure ? '__Host-quilt-connect' : 'quilt-connect'
  return {
    read: (ctx) => ctx.cookies.get(name),
    write(ctx, browser) {
      // TLS ends in front of us; whether there is any, the configured origin says, not the connection.
      ctx.cookies.secure = secure
      const maxAge = BROWSER_SECONDS * 1000
      ctx.cookies.set(name, browser.cookie, { secure, httpOnly: true, sameSite: 'lax', path: '/', maxAge })
    },
  }
}

/** A transaction at the browser that began it. */
export interface OpenTransaction {
  readonly id: string
  readonly transaction: Transaction
  readonly browser: Browser
}

/**
 * Finds a transaction, for its own browser alone.
 *
 * @throws ShownError when it is over, never was, or was begun in another browser: nobody learns which
 */
export async function openTransaction(
  stores: { transactions: TransactionStore; browsers: BrowserStore },
  id: string,
  cookie: string | undefined,
): Promise<OpenTransaction> {
  const transaction = await stores.transactions.find(id)
  const browser = cookie === undefined ? undefined : await stores.browsers.find(cookie)
  if (transaction === undefined || browser?.id !== transaction.browserId) {
    throw new ShownError(
      'This page has expired',
      'Go back to the application and connect again. If it asked in another browser or window, answer there.',
    )
  }
  return { id, transaction, browser }
}
