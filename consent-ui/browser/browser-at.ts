import type { Context } from 'koa'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import type { IdentityAssertion } from '../provider/identity-provider.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { Browser, BrowserStore } from '../store/browser-store.ts'
import { MAX_BROWSER_COOKIES, type BrowserCookies } from './browser-cookie.ts'

export interface BrowserDependencies {
  readonly cookies: BrowserCookies
  readonly browsers: BrowserStore
}

/** The browser records whose cookies a request carries, newest last. */
export async function knownBrowsers(
  { cookies, browsers }: BrowserDependencies,
  ctx: Context,
): Promise<Browser[]> {
  const found = await Promise.all(cookies.readAll(ctx).map((cookie) => browsers.find(cookie)))
  return found.filter((browser) => browser !== undefined)
}

/** @throws ShownError if the request does not carry the cookie of this record */
export async function browserOf(
  { cookies, browsers }: BrowserDependencies,
  ctx: Context,
  id: string,
): Promise<Browser> {
  const cookie = cookies.read(ctx, id)
  const browser = cookie === undefined ? undefined : await browsers.find(cookie)
  if (browser?.id === id) return browser
  throw new ShownError(en.errors.anotherBrowser)
}

/** The record to continue with: the one with the latest sign-in, else the newest. */
export function preferred(known: readonly Browser[]): Browser | undefined {
  const signedIn = known.filter(({ signIn }) => signIn !== undefined)
  const until = ({ signIn }: Browser): number => signIn?.expiresAt ?? 0
  return signedIn.length > 0
    ? signedIn.reduce((one, other) => (until(other) >= until(one) ? other : one))
    : known.at(-1)
}

/** The sign-in at a browser; undefined once it has expired. */
export function signInAt({ signIn }: Browser, now: number): IdentityAssertion | undefined {
  return signIn === undefined || signIn.expiresAt <= now ? undefined : signIn
}

/** Finds or creates the browser record of a request, and sets its cookie. */
export async function beginIn(dependencies: BrowserDependencies, ctx: Context): Promise<Browser> {
  const { cookies, browsers } = dependencies
  const known = await knownBrowsers(dependencies, ctx)
  const before = preferred(known)
  const browser = before ?? (await browsers.create())
  if (before !== undefined) await browsers.prolong(before)
  const others = known.filter(({ id }) => id !== browser.id).slice(1 - MAX_BROWSER_COOKIES)
  cookies.dropAllBut(ctx, [...others, browser])
  cookies.write(ctx, browser)
  return browser
}

/** Signs the user out in every record of the browser: they may have signed in in several tabs. */
export async function forgetSignIns(dependencies: BrowserDependencies, ctx: Context): Promise<void> {
  for (const browser of await knownBrowsers(dependencies, ctx)) {
    await dependencies.browsers.forgetSignIn(browser)
  }
}

/** @returns true if another user was signed in at the browser */
export async function signOutOthers(
  dependencies: BrowserDependencies,
  ctx: Context,
  person: SignedIn,
): Promise<boolean> {
  let wasAnother = false
  for (const browser of await knownBrowsers(dependencies, ctx)) {
    const before = browser.signIn ?? browser.recognised
    if (before === undefined) continue
    if (before.issuer !== person.issuer || before.subject !== person.subject) {
      await dependencies.browsers.forgetSignIn(browser)
      wasAnother = true
    }
  }
  return wasAnother
}
