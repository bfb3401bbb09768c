import type { Context } from 'koa'
import { MAX_BROWSER_COOKIES, type BrowserCookies } from './browser-cookie.ts'
import { ShownError } from '../oauth/errors.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { Browser, BrowserStore } from '../store/browser-store.ts'

export interface BrowserParts {
  readonly cookies: BrowserCookies
  readonly browsers: BrowserStore
}

/** Every record of ours that a request shows a cookie of, newest last. */
export async function knownBrowsers({ cookies, browsers }: BrowserParts, ctx: Context): Promise<Browser[]> {
  const found = await Promise.all(cookies.readAll(ctx).map((cookie) => browsers.find(cookie)))
  return found.filter((browser) => browser !== undefined)
}

/**
 * The record with this id, in its own browser alone.
 *
 * @throws ShownError in any other one
 */
export async function browserOf(
  { cookies, browsers }: BrowserParts,
  ctx: Context,
  id: string,
): Promise<Browser> {
  const cookie = cookies.read(ctx, id)
  const browser = cookie === undefined ? undefined : await browsers.find(cookie)
  if (browser?.id === id) return browser
  throw new ShownError('This page has expired', 'Open the page that you came from again, in this browser.')
}

/** The one to go on with: where somebody signed in last, else the newest. */
export function preferred(known: readonly Browser[]): Browser | undefined {
  const signedIn = known.filter(({ signIn }) => signIn !== undefined)
  const until = ({ signIn }: Browser): number => signIn?.expiresAt ?? 0
  return signedIn.length > 0
    ? signedIn.reduce((one, other) => (until(other) >= until(one) ? other : one))
    : known.at(-1)
}

/** Begins something in the browser of a request: one that we know, or one that we meet. */
export async function beginIn(parts: BrowserParts, ctx: Context): Promise<Browser> {
  const known = await knownBrowsers(parts, ctx)
  const before = preferred(known)
  const browser = before ?? (await parts.browsers.meet())
  if (before !== undefined) await parts.browsers.prolong(before)
  const others = known.filter(({ id }) => id !== browser.id).slice(1 - MAX_BROWSER_COOKIES)
  parts.cookies.dropAllBut(ctx, [...others, browser])
  parts.cookies.write(ctx, browser)
  return browser
}

/** Forgets who is signed in, in every record of the browser: a person may have signed in in several tabs. */
export async function forgetSignIns(parts: BrowserParts, ctx: Context): Promise<void> {
  for (const browser of await knownBrowsers(parts, ctx)) await parts.browsers.forgetSignIn(browser)
}

/** One person at a time: whoever signed in before, in another tab's record, is not signed in any more. */
export async function signOutOthers(parts: BrowserParts, ctx: Context, person: SignedIn): Promise<void> {
  for (const browser of await knownBrowsers(parts, ctx)) {
    const before = browser.signIn ?? browser.recognised
    if (before === undefined) continue
    if (before.issuer !== person.issuer || before.subject !== person.subject) {
      await parts.browsers.forgetSignIn(browser)
    }
  }
}
