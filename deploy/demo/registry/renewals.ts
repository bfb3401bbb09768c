import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import type { Account } from './accounts.ts'

const RENEWAL_SECONDS = 90 * 24 * 60 * 60

interface Renewal {
  readonly account: Account
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/**
 * Refresh tokens of the token exchange. They are not rotated: their client authenticates itself, so a stolen one is
 * useless (RFC 9700 section 4.14.2).
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

  /** Undefined if the refresh token is unknown, expired or ended. */
  ownerOf(refreshToken: string): Account | undefined {
    const renewal = this.#renewals.get(sha256(refreshToken))
    return renewal !== undefined && renewal.expiresAt > this.#now() ? renewal.account : undefined
  }

  end(refreshToken: string): void {
    this.#renewals.delete(sha256(refreshToken))
  }
}
