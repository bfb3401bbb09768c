import type { Context } from 'koa'
import { sha256 } from '../../core/keys/hash.ts'
import { BROWSER_SECONDS } from '../lifetimes.ts'
import type { Browser } from '../store/browser-store.ts'
import { readCookies, setCookie } from './cookie-header.ts'

/** Tabs opened at the same moment each get a cookie; under one name, the last response would break the others. */
export const MAX_BROWSER_COOKIES = 8
/** Max cookies cleared in one response: proxies refuse a response with a hundred headers. */
export const MAX_CLEARED_COOKIES = 2 * MAX_BROWSER_COOKIES
const TAG_LENGTH = 6

/** Cookies that bind authorization requests to the browser that began them, each named after its browser record. */
export interface BrowserCookies {
  read(ctx: Context, browserId: string): string | undefined
  /** The newest {@link MAX_BROWSER_COOKIES} of a request, newest last (RFC 6265 section 5.4). */
  readAll(ctx: Context): readonly string[]
  write(ctx: Context, browser: Browser): void
  /** Clears all other cookies, newest first, at most {@link MAX_CLEARED_COOKIES}. */
  dropAllBut(ctx: Context, kept: readonly Browser[]): void
  /** Clears the oldest surplus cookies, at most {@link MAX_CLEARED_COOKIES}, but not the one of this browser. */
  dropSurplus(ctx: Context, browser: Browser): void
}

/** Creates the cookies: with `__Host-`, no other host can set them (RFC 6265bis section 4.1.3.2); that needs https. */
export function browserCookies(origin: string): BrowserCookies {
  // Envoy or a load balancer ends TLS, so the configured origin decides.
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
      // Newest first: a sign-out must clear every cookie that readAll returns.
      clear(ctx, others.reverse())
    },
    dropSurplus(ctx, { id }) {
      const others = [...cookiesOf(ctx).keys()].filter((name) => name !== nameOf(id))
      clear(ctx, others.slice(0, 1 - MAX_BROWSER_COOKIES))
    },
  }
}
