import { LRUCache } from 'lru-cache'
import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import type { IdentityAssertion } from '../provider/identity-provider.ts'
import { withoutTokens } from '../provider/signed-in.ts'
import { CredentialRefused, type ObtainedCredential } from '../quilt/credential-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { Registry } from '../quilt/registry.ts'
import type { HeldCredential } from '../store/held-store.ts'
import type { LinkStore } from '../store/link-store.ts'
import type { HeldCredentials } from './held-credentials.ts'
import type { CredentialToObtain } from './next-step.ts'
import type { OpenTransaction } from './open-transaction.ts'

interface EarlyCredentialsDependencies {
  readonly heldCredentials: HeldCredentials
  readonly registry: Registry
  readonly registryUrl: URL
  readonly links: LinkStore
  readonly logouts: Logouts
  readonly log: Log
  /** Seconds since 1970. */
  readonly now: () => number
}

/** Of one sign-in: another website can open one consent page after the other in the user's browser. */
const MAX_EXCHANGES = 5
const MAX_SIGN_INS = 10_000
/** At once, in this process: the Registry may be slow. */
const MAX_PENDING = 50

/**
 * Exchanges a sign-in for its Quilt credential when the consent page is shown, so that the page can say the role and the
 * tools. The same credential is used once the user approves: an approval is one exchange, as without the page.
 */
export class EarlyCredentials {
  readonly #dependencies: EarlyCredentialsDependencies
  readonly #pending = new Map<string, Promise<HeldCredential | undefined>>()
  /** By the hash of the ID token. */
  readonly #exchanges = new LRUCache<string, number>({ max: MAX_SIGN_INS })

  constructor(dependencies: EarlyCredentialsDependencies) {
    this.#dependencies = dependencies
  }

  /** Never throws. @returns undefined without a credential: it is asked for after the approval, which says why not */
  async hold(opened: OpenTransaction, from: CredentialToObtain): Promise<HeldCredential | undefined> {
    const idTokenHash = sha256(from.signIn.idToken)
    const key = `${opened.id} ${idTokenHash}`
    const pending = this.#pending.get(key)
    if (pending !== undefined) return await pending
    if (!this.#mayExchange(idTokenHash)) return undefined
    const work = this.#obtain(opened, from)
      .catch((error: unknown) => this.#logFailure(error))
      .finally(() => this.#pending.delete(key))
    this.#pending.set(key, work)
    return await work
  }

  #mayExchange(idTokenHash: string): boolean {
    const count = this.#exchanges.get(idTokenHash) ?? 0
    if (count >= MAX_EXCHANGES || this.#pending.size >= MAX_PENDING) return false
    this.#exchanges.set(idTokenHash, count + 1)
    return true
  }

  async #obtain(
    opened: OpenTransaction,
    { signIn, credentials }: CredentialToObtain,
  ): Promise<HeldCredential | undefined> {
    const { heldCredentials, logouts, now } = this.#dependencies
    if (await heldCredentials.isDecided(opened)) return undefined
    const credential = await credentials.obtain(signIn, now())
    let isKept = false
    try {
      // The user may have decided meanwhile, with a credential of that moment.
      if (!(await this.#isTheirs(credential, signIn)) || (await heldCredentials.isDecided(opened))) {
        return undefined
      }
      const held = { sessionId: randomSecret(), credential, person: withoutTokens(signIn) }
      await heldCredentials.keep(opened, held)
      isKept = true
      return held
    } finally {
      if (!isKept) logouts.begin(credential.token)
    }
  }

  /** Compares as the approval does, but links nothing yet: the role and tools of another user must not be shown. */
  async #isTheirs(credential: ObtainedCredential, signIn: IdentityAssertion): Promise<boolean> {
    const { registry, registryUrl, links } = this.#dependencies
    const { name, email } = await registry.whoIs(credential)
    const { issuer, subject } = signIn
    if (email !== signIn.email) return false
    return !(await links.hasAnotherSubject({ registry: registryUrl.origin, name, issuer, subject }))
  }

  #logFailure(error: unknown): undefined {
    const reason = error instanceof CredentialRefused ? error.reason : describeError(error)
    this.#dependencies.log.info({ reason }, 'registry: no credential for the consent page')
    return undefined
  }
}
