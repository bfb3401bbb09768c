import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import type { IdentityAssertion } from '../provider/identity-provider.ts'
import { BROWSER_SECONDS } from '../lifetimes.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { ProviderSessions } from './provider-sessions.ts'

/** A user whom the Registry identified, without an identity provider. */
export interface Recognised extends SignedIn {
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** A browser, known by its cookie. */
export interface Browser {
  /** Stays the same when a sign-in changes the cookie. */
  readonly id: string
  /** A secret. */
  readonly cookie: string
  /** The sign-in at the identity provider, only for our own pages. */
  readonly signIn?: IdentityAssertion
  /** The same without an identity provider, only for the user's own pages. */
  readonly recognised?: Recognised
}

/**
 * Browser records by cookie. Each sign-in sets a new cookie, so an attacker who planted the old one gains nothing. A
 * record is replaced whole: what a newer release noted about one sign-in must not pass to the next.
 */
export class BrowserStore {
  readonly #redis: Store
  readonly #ring: KeyRing
  readonly #providerSessions: Pick<ProviderSessions, 'isLoggedOut'>

  constructor(redis: Store, ring: KeyRing, providerSessions: Pick<ProviderSessions, 'isLoggedOut'>) {
    this.#redis = redis
    this.#ring = ring
    this.#providerSessions = providerSessions
  }

  /** Without a sign-in that the identity provider has ended. @returns undefined for an unknown or expired cookie */
  async find(cookie: string): Promise<Browser | undefined> {
    const record = await this.#redis.get(browserKey(cookie))
    if (record === null) return undefined
    const { id, sealedSignIn, sealedRecognised } = readRecord(record) as BrowserRecord
    const signIn = await this.#signInOf(sealedSignIn, binding('sign-in', id, cookie))
    const recognised = this.#open(sealedRecognised, binding('recognised', id, cookie))
    return {
      id,
      cookie,
      ...(signIn === undefined ? {} : { signIn }),
      ...(recognised === undefined ? {} : { recognised: JSON.parse(recognised) as Recognised }),
    }
  }

  async #signInOf(sealed: string | undefined, to: Binding): Promise<IdentityAssertion | undefined> {
    const text = this.#open(sealed, to)
    if (text === undefined) return undefined
    const signIn = JSON.parse(text) as IdentityAssertion
    return (await this.#providerSessions.isLoggedOut(signIn)) ? undefined : signIn
  }

  async create(): Promise<Browser> {
    return await this.#keep({ id: randomSecret(), cookie: randomSecret() })
  }

  /** Restarts the record's lifetime. */
  async prolong(browser: Browser): Promise<void> {
    await this.#redis.expire(browserKey(browser.cookie), BROWSER_SECONDS)
  }

  /** @returns the browser with its new cookie */
  async signIn(browser: Browser, signIn: IdentityAssertion): Promise<Browser> {
    return await this.#keep({ id: browser.id, cookie: randomSecret(), signIn })
  }

  /** A sign-in without an identity provider. @returns the browser with its new cookie */
  async recognise(browser: Browser, recognised: Recognised): Promise<Browser> {
    return await this.#keep({ id: browser.id, cookie: randomSecret(), recognised })
  }

  /** Sets a new cookie, and no sign-in. */
  async renewCookie(browser: Browser): Promise<Browser> {
    return await this.#keep({ id: browser.id, cookie: randomSecret() })
  }

  /** Also of an administrator: their session must not pass to the next user of the browser. */
  async forgetSignIn({ id, cookie }: Browser): Promise<void> {
    await this.#redis.del(adminKey(id))
    await this.#keep({ id, cookie })
  }

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
    await this.#redis.set(browserKey(cookie), writeRecord(record), 'EX', BROWSER_SECONDS)
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

/** Of the administrator's session at a browser. */
export function adminKey(browserId: string): string {
  return `connect:admin:${sha256(browserId)}`
}

function browserKey(cookie: string): string {
  return `connect:browser:${sha256(cookie)}`
}
