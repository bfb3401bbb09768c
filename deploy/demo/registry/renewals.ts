import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import type { Account } from './accounts.ts'

const RENEWAL_SECONDS = 90 * 24 * 60 * 60

interface Renewal {
  readonly account: Account
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/**
 * What renews the tokens that came from an exchange. They are used again and again: their client authenticates
 * itself, so that a stolen one is of no use (RFC 9700 section 4.14.2).
 */
export class Renewals {
  readonly #now: () => number
  /** By hash. */
  readonly #renewals = new Map<string, Renewal>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** @returns the refresh token */
  begin(account: Account): string {
    const refreshToken = randomSecret()
    this.#renewals.set(sha256(refreshToken), { account, expiresAt: this.#now() + RENEWAL_SECONDS })
    return refreshToken
  }

  /** Undefined for one that is unknown, expired or ended. */
  ownerOf(refreshToken: string): Account | undefined {
    const renewal = this.#renewals.get(sha256(refreshToken))
    return renewal !== undefined && renewal.expiresAt > this.#now() ? renewal.account : undefined
  }

  end(refreshToken: string): void {
    this.#renewals.delete(sha256(refreshToken))
  }
}
