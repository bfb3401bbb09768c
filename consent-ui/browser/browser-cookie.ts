import type { Context } from 'koa'
import { sha256 } from '../../core/keys/hash.ts'
import { readCookies, setCookie } from './cookie-header.ts'
import { BROWSER_SECONDS } from '../lifetimes.ts'
import { ShownError } from '../oauth/errors.ts'
import type { Transaction, TransactionStore } from '../store/transaction-store.ts'
import type { Browser, BrowserStore } from '../store/browser-store.ts'

/**
 * More a browser need not keep. It gets several when its first tabs begin at the same moment, each without a cookie
 * yet: with one name for all of them, the last answer would take the others' tabs away.
 */
export const MAX_BROWSER_COOKIES = 8
/** Of one answer. A proxy refuses an answer with a hundred headers, and what is left goes with the next page. */
export const MAX_CLEARED_COOKIES = 2 * MAX_BROWSER_COOKIES
const TAG_LENGTH = 6

/** The cookies that bind authorization requests to the browser that began them; each is named after its record. */
export interface BrowserCookies {
  /** The cookie of the record with this id. */
  read(ctx: Context, browserId: string): string | undefined
  /** The newest {@link MAX_BROWSER_COOKIES} that a request carries, newest last (RFC 6265 section 5.4). */
  readAll(ctx: Context): readonly string[]
  write(ctx: Context, browser: Browser): void
  /** Clears those that are not kept, the newest first, {@link MAX_CLEARED_COOKIES} at most. */
  dropAllBut(ctx: Context, kept: readonly Browser[]): void
  /** Clears the oldest that are too many, {@link MAX_CLEARED_COOKIES} at most; the one of this browser stays. */
  dropSurplus(ctx: Context, browser: Browser): void
}

/** `__Host-` lets no other host set it (RFC 6265bis 4.1.3.2); it needs https, so plain-http localhost goes without. */
export function browserCookies(origin: string): BrowserCookies {
  // TLS ends in front of us; whether there is any, the configured origin says, not the connection.
  const secure = origin.startsWith('https:')
  const prefix = secure ? '__Host-quilt-connect-' : 'quilt-connect-'
  const ours = new RegExp(`^${prefix}[A-Za-z0-9_-]{${TAG_LENGTH}}$`)
  const nameOf = (browserId: string): string => prefix + sha256(browserId).slice(0, TAG_LENGTH)
  const cookiesOf = (ctx: Context): ReadonlyMap<string, string> => readCookies(ctx.get('Cookie'), ours)

  function clear(ctx: Context, names: readonly string[]): void {
    const cleared = names.slice(0, MAX_CLEARED_COOKIES)
    if (cleared.length === 0) return
    ctx.append(
      'Set-Cookie',
      cleared.map((name) => setCookie(name, '', { secure, expiresMs: 0 })),
    )
  }

  return {
    read: (ctx, browserId) => cookiesOf(ctx).get(nameOf(browserId)),
    readAll: (ctx) => [...cookiesOf(ctx).values()].slice(-MAX_BROWSER_COOKIES),
    write(ctx, browser) {
      const expiresMs = Date.now() + BROWSER_SECONDS * 1000
      ctx.append('Set-Cookie', setCookie(nameOf(browser.id), browser.cookie, { secure, expiresMs }))
    },
    dropAllBut(ctx, kept) {
      const names = new Set(kept.map(({ id }) => nameOf(id)))
      const others = [...cookiesOf(ctx).keys()].filter((name) => !names.has(name))
      // A sign-out must not leave one that was read.
      clear(ctx, others.reverse())
    },
    dropSurplus(ctx, { id }) {
      const others = [...cookiesOf(ctx).keys()].filter((name) => name !== nameOf(id))
      clear(ctx, others.slice(0, 1 - MAX_BROWSER_COOKIES))
    },
  }
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
