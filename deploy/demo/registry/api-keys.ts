import { randomInt, randomUUID } from 'node:crypto'
import { sha256 } from '../../../core/keys/hash.ts'
import type { Account } from './accounts.ts'
import { notAuthenticated } from './refusal.ts'

/** An API key without its secret. Times are seconds since 1970. */
export interface ApiKey {
  readonly id: string
  readonly account: Account
  readonly name: string
  readonly fingerprint: string
  readonly createdAt: number
  readonly expiresAt: number
  lastUsedAt?: number
}

export type ApiKeyStatus = 'ACTIVE' | 'EXPIRED'

const PREFIX = 'qk_'
const DAY_SECONDS = 24 * 60 * 60
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
/** About 270 bits; the documented sample has this length and alphabet. */
const SECRET_CHARACTERS = 52

export function isApiKey(credential: string): boolean {
  return credential.startsWith(PREFIX)
}

/** Opaque API keys, stored by hash; a revoked one is refused at once. */
export class ApiKeys {
  readonly #now: () => number
  /** By the hash of the secret. */
  readonly #keys = new Map<string, ApiKey>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** The secret is shown only here. */
  create(account: Account, name: string, days: number): { readonly key: ApiKey; readonly secret: string } {
    const secret = PREFIX + Array.from({ length: SECRET_CHARACTERS }, randomCharacter).join('')
    const createdAt = this.#now()
    const key: ApiKey = {
      id: randomUUID(),
      account,
      name,
      fingerprint: `${secret.slice(0, 6)}...${secret.slice(-3)}`,
      createdAt,
      expiresAt: createdAt + days * DAY_SECONDS,
    }
    this.#keys.set(sha256(secret), key)
    return { key, secret }
  }

  /**
   * Returns the key's account, and records the use.
   *
   * @throws Refusal 401 if the key is unknown, revoked or expired
   */
  use(secret: string): Account {
    const key = this.#keys.get(sha256(secret))
    if (key === undefined || this.statusOf(key) === 'EXPIRED') throw notAuthenticated('Token invalid.')
    key.lastUsedAt = this.#now()
    return key.account
  }

  of(account: Account): readonly ApiKey[] {
    return [...this.#keys.values()].filter((key) => key.account === account)
  }

  statusOf({ expiresAt }: ApiKey): ApiKeyStatus {
    return expiresAt > this.#now() ? 'ACTIVE' : 'EXPIRED'
  }

  /** Returns false if the account has no such key. */
  revoke(account: Account, named: { readonly id?: string | null; readonly secret?: string | null }): boolean {
    const hash = typeof named.secret === 'string' ? sha256(named.secret) : undefined
    for (const [keyHash, key] of this.#keys) {
      const isNamed = key.id === named.id || keyHash === hash
      if (isNamed && key.account === account) return this.#keys.delete(keyHash)
    }
    return false
  }
}

function randomCharacter(): string {
  return ALPHABET[randomInt(ALPHABET.length)] ?? ''
}
