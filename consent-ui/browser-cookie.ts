import type { Context } from 'koa'
import { sha256 } from '../core/hash.ts'
import { BROWSER_SECONDS } from './lifetimes.ts'
import { ShownError } from './oauth/errors.ts'
import type { Transaction, TransactionStore } from './store/transaction-store.ts'
import type { Browser, BrowserStore } from './store/browser-store.ts'

/**
 * More a browser need not keep. It gets several when its first tabs begin at the same moment, each without a cookie
 * yet: with one name for all of them, the last answer would take the others' tabs away.
 */
export const MOST_BROWSER_COOKIES = 8
const TAG_LENGTH = 6

/** The cookies that bind authorization requests to the browser that began them; each is named after its record. */
export interface BrowserCookies {
  /** The cookie of the record with this id. */
  read(ctx: Context, browserId: string): string | undefined
  /** Every one that a request carries, newest last (RFC 6265 section 5.4), of the newest at most. */
  readAll(ctx: Context): readonly string[]
  write(ctx: Context, browser: Browser): void
  /** Takes all those away that are not worth keeping: they are too many, or nobody's. */
  dropAllBut(ctx: Context, kept: readonly Browser[]): void
  /** Takes the oldest away that are too many; the one of this browser stays. */
  dropSurplus(ctx: Context, browser: Browser): void
}

/** `__Host-` lets no other host set it (RFC 6265bis 4.1.3.2); it needs https, so plain-http localhost goes without. */
export function browserCookies(origin: string): BrowserCookies {
  const secure = origin.startsWith('https:')
  const prefix = secure ? '__Host-quilt-connect-' : 'quilt-connect-'
  const nameOf = (browserId: string): string => prefix + sha256(browserId).slice(0, TAG_LENGTH)
  const attributes = { secure, httpOnly: true, sameSite: 'lax', path: '/', overwrite: true } as const

  function set(ctx: Context, name: string, value: string | null): void {
    // TLS ends in front of us; whether there is any, the configured origin says, not the connection.
    ctx.cookies.secure = secure
    ctx.cookies.set(name, value, {
      ...attributes,
      ...(value === null ? {} : { maxAge: BROWSER_SECONDS * 1000 }),
    })
  }

  return {
    read: (ctx, browserId) => ctx.cookies.get(nameOf(browserId)),
    readAll: (ctx) =>
      pairs(ctx)
        .filter(([name]) => name.startsWith(prefix))
        .slice(-MOST_BROWSER_COOKIES)
        .map(([, value]) => value),
    write: (ctx, browser) => set(ctx, nameOf(browser.id), browser.cookie),
    dropAllBut(ctx, kept) {
      const names = new Set(kept.map(({ id }) => nameOf(id)))
      for (const [name] of pairs(ctx)) {
        if (name.startsWith(prefix) && !names.has(name)) set(ctx, name, null)
      }
    },
    dropSurplus(ctx, { id }) {
      const others = pairs(ctx).filter(([name]) => name.startsWith(prefix) && name !== nameOf(id))
      for (const [name] of others.slice(0, 1 - MOST_BROWSER_COOKIES)) set(ctx, name, null)
    },
  }
}

function pairs(ctx: Context): (readonly [string, string])[] {
  return ctx
    .get('Cookie')
    .split(';')
    .map((pair) => pair.trim())
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)
}

/** A transaction at the browser that began it. */
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

/**
 * Finds a transaction, for its own browser alone.
 *
 * @throws ShownError when it is over, never was, or was begun in another browser: nobody learns which
 */
export async function openTransaction(
  { transactions, browsers, cookies }: TransactionFinder,
  ctx: Context,
  id: string,
): Promise<OpenTransaction> {
  const transaction = await transactions.find(id)
  const cookie = transaction === undefined ? undefined : cookies.read(ctx, transaction.browserId)
  const browser = cookie === undefined ? undefined : await browsers.find(cookie)
  if (transaction === undefined || browser?.id !== transaction.browserId) {
    throw new ShownError(
      'This page has expired',
      'Go back to the application and connect again. If it asked in another browser or window, answer there.',
    )
  }
  return { id, transaction, browser }
}
