import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Store } from '../../core/store/redis.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import type { IdentityAssertion } from '../provider/identity-provider.ts'
import { BROWSER_SECONDS } from '../lifetimes.ts'
import type { SignedIn } from '../provider/signed-in.ts'

/** Who showed at the Registry who they are, until `expiresAt` (seconds since 1970). */
export interface Recognised extends SignedIn {
  readonly expiresAt: number
}

/** A browser that we know by its cookie. */
export interface Browser {
  /** Stays the same when the cookie changes at a sign-in. */
  readonly id: string
  /** The cookie's value, a secret. */
  readonly cookie: string
  /** Who signed in here, for our own pages only: a session of an application is another thing. */
  readonly signIn?: IdentityAssertion
  /** The same, where no identity provider signs people in, for the pages of their own only. */
  readonly recognised?: Recognised
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
    const { id, sealedSignIn, sealedRecognised } = JSON.parse(record) as BrowserRecord
    const signIn = this.#open(sealedSignIn, binding('sign-in', id, cookie))
    const recognised = this.#open(sealedRecognised, binding('recognised', id, cookie))
    return {
      id,
      cookie,
      ...(signIn === undefined ? {} : { signIn: JSON.parse(signIn) as IdentityAssertion }),
      ...(recognised === undefined ? {} : { recognised: JSON.parse(recognised) as Recognised }),
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

  /** Somebody showed who they are, without an identity provider; the browser has a new cookie from here on. */
  async recognise(browser: Browser, recognised: Recognised): Promise<Browser> {
    return await this.#keep({ id: browser.id, cookie: randomSecret(), recognised })
  }

  /** The browser has a new cookie from here on, as at a sign-in, and nobody is signed in. */
  async rename(browser: Browser): Promise<Browser> {
    return await this.#keep({ id: browser.id, cookie: randomSecret() })
  }

  /** Whoever signed in has to sign in again for what comes next. */
  async forgetSignIn({ id, cookie }: Browser): Promise<void> {
    await this.#keep({ id, cookie })
  }

  /** The browser is nobody that we know, from here on. */
  async forget({ cookie }: Browser): Promise<void> {
    await this.#redis.del(browserKey(cookie))
  }

  async #keep(browser: Browser): Promise<Browser> {
    const { id, cookie, signIn, recognised } = browser
    const record: BrowserRecord = {
      id,
      sealedSignIn: this.#seal(signIn, binding('sign-in', id, cookie)),
      sealedRecognised: this.#seal(recognised, binding('recognised', id, cookie)),
    }
    await this.#redis.set(browserKey(cookie), JSON.stringify(record), 'EX', BROWSER_SECONDS)
    return browser
  }

  #seal(value: SignedIn | undefined, to: Binding): string | undefined {
    return value === undefined ? undefined : seal(this.#ring, to, JSON.stringify(value))
  }

  #open(sealed: string | undefined, to: Binding): string | undefined {
    return sealed === undefined ? undefined : openStored(this.#ring, to, sealed)
  }
}

interface BrowserRecord {
  readonly id: string
  readonly sealedSignIn?: string | undefined
  readonly sealedRecognised?: string | undefined
}

function binding(purpose: string, id: string, cookie: string): Binding {
  return { purpose, share: Buffer.from(cookie), context: [id] }
}

function browserKey(cookie: string): string {
  return `connect:browser:${sha256(cookie)}`
}
