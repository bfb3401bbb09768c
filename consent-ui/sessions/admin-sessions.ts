import type { KeyRing } from '../../core/keys/keys.ts'
import { open, openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import { DELETE_IF_EQUAL } from '../../core/sessions/session-scripts.ts'
import type { QuiltCredential } from '../../core/sessions/session.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import { ADMIN_SECONDS } from '../lifetimes.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { UnusedCredentials } from '../quilt/unused-credentials.ts'
import { adminKey, type Browser } from '../store/browser-store.ts'

/** An administrator's sign-in to the administrators' page. */
export interface AdminSession {
  /** Their Quilt credential, a secret: it is used only to ask the Registry about its owner. */
  readonly token: string
  /** Seconds since 1970. */
  readonly endsAt: number
}

interface AdminSessionsDependencies {
  readonly store: Store
  readonly ring: KeyRing
  readonly logouts: Logouts
  readonly unused: UnusedCredentials
  readonly now: () => number
}

/**
 * Quilt credentials of administrators, each sealed under its browser's cookie. They are logged out at the Registry after
 * 15 minutes, on sign-out, and when this process stops.
 */
export class AdminSessions {
  readonly #dependencies: AdminSessionsDependencies

  constructor(dependencies: AdminSessionsDependencies) {
    this.#dependencies = dependencies
  }

  async begin(browser: Browser, { token, expiresAt }: QuiltCredential): Promise<AdminSession> {
    const { store, ring, unused, now } = this.#dependencies
    const seconds = Math.min(ADMIN_SECONDS, expiresAt - now())
    const session = { token, endsAt: now() + seconds }
    const sealed = seal(ring, binding(browser), writeRecord(session))
    await store.set(adminKey(browser.id), sealed, 'EX', seconds)
    unused.watch({
      token,
      seconds,
      isInUse: () => Promise.resolve(false),
      withdraw: async () => (await store.eval(DELETE_IF_EQUAL, 1, adminKey(browser.id), sealed)) === 1,
    })
    return session
  }

  /** @returns undefined also if the browser's cookie has changed: another person may have signed in */
  async find(browser: Browser): Promise<AdminSession | undefined> {
    const { store, ring, now } = this.#dependencies
    const sealed = await store.get(adminKey(browser.id))
    const plaintext = sealed === null ? undefined : openStored(ring, binding(browser), sealed)
    const session = plaintext === undefined ? undefined : (readRecord(plaintext) as AdminSession)
    return session !== undefined && session.endsAt > now() ? session : undefined
  }

  /** Logs the credential out, unless its sealing key is missing: a sign-out works without it. */
  async end(browser: Browser): Promise<void> {
    const { store, ring, logouts } = this.#dependencies
    const sealed = await store.get(adminKey(browser.id))
    if (sealed === null) return
    await store.del(adminKey(browser.id))
    const plaintext = open(ring, binding(browser), sealed)
    if (plaintext !== undefined) logouts.begin((readRecord(plaintext) as AdminSession).token)
  }
}

function binding({ id, cookie }: Browser): Binding {
  return { purpose: 'administrator credential', share: Buffer.from(cookie), context: [id] }
}
