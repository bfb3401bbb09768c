import { randomSecret, sha256 } from '../../core/hash.ts'
import type { KeyRing } from '../../core/keys.ts'
import type { Store } from '../../core/redis.ts'
import { open, seal, type Binding } from '../../core/sealing.ts'
import type { IdentityAssertion } from '../identity-provider.ts'
import { BROWSER_SECONDS } from '../lifetimes.ts'

/** A browser that we know by its cookie. */
export interface Browser {
  /** Stays the same when the cookie changes at a sign-in. */
  readonly id: string
  /** The cookie's value, a secret. */
  readonly cookie: string
  /** Who signed in here, for the consent pages only. */
  readonly signIn?: IdentityAssertion
}

/**
 * Browsers by cookie. Cookies of localhost are shared by all its ports, so a value that we did not issue is
 * nobody's; and every sign-in gives a new value, so that nobody who knew the old one sees who signed in.
 */
export class BrowserStore {
  readonly #redis: Store
  readonly #ring: KeyRing

  constructor(redis: Store, ring: KeyRing) {
    this.#redis = redis
    this.#ring = ring
  }

  /** The browser of a cookie, or undefined for a value that is unknown or too old. */
  async find(cookie: string): Promise<Browser | undefined> {
    const record = await this.#redis.get(browserKey(cookie))
    if (record === null) return undefined
    const { id, sealedSignIn } = JSON.parse(record) as { id: string; sealedSignIn?: string }
    const signIn =
      sealedSignIn === undefined ? undefined : open(this.#ring, binding(id, cookie), sealedSignIn)
    return {
      id,
      cookie,
      ...(signIn === undefined ? {} : { signIn: JSON.parse(signIn) as IdentityAssertion }),
    }
  }

  /** A browser that came without a cookie of ours. */
  async meet(): Promise<Browser> {
    return await this.#keep({ id: randomSecret(), cookie: randomSecret() })
  }

  /** A known browser begins something new: it stays known for as long as that may take. */
  async prolong(browser: Browser): Promise<void> {
    await this.#redis.expire(browserKey(browser.cookie), BROWSER_SECONDS)
  }

  /** Somebody signed in; the browser has a new cookie from here on. */
  async signIn(browser: Browser, signIn: IdentityAssertion): Promise<Browser> {
    return await this.#keep({ id: browser.id, cookie: randomSecret(), signIn })
  }

  /** The browser has a new cookie from here on, as at a sign-in, and nobody is signed in. */
  async rename(browser: Browser): Promise<Browser> {
    return await this.#keep({ id: browser.id, cookie: randomSecret() })
  }

  /** Whoever signed in has to sign in again for what comes next. */
  async forgetSignIn({ id, cookie }: Browser): Promise<void> {
    await this.#keep({ id, cookie })
  }

  async #keep(browser: Browser): Promise<Browser> {
    const { id, cookie, signIn } = browser
    const sealedSignIn =
      signIn === undefined ? undefined : seal(this.#ring, binding(id, cookie), JSON.stringify(signIn))
    await this.#redis.set(browserKey(cookie), JSON.stringify({ id, sealedSignIn }), 'EX', BROWSER_SECONDS)
    return browser
  }
}

function binding(id: string, cookie: string): Binding {
  return { purpose: 'sign-in', share: Buffer.from(cookie), context: [id] }
}

function browserKey(cookie: string): string {
  return `connect:browser:${sha256(cookie)}`
}
