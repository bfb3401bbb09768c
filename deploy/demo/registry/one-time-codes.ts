import { z } from 'zod'
import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import type { Account, Accounts } from './accounts.ts'
import { notAuthenticated } from './refusal.ts'

const CODE_SECONDS = 10 * 60

const codeSchema = z.object({ id: z.string(), code: z.string() })

/** The codes that people paste: base64 of `{"id","code"}`, good for ten minutes and one use. */
export class OneTimeCodes {
  readonly #accounts: Accounts
  readonly #now: () => number
  /** By the hash of the code: when it ends, seconds since 1970. */
  readonly #codes = new Map<string, { readonly accountId: string; readonly expiresAt: number }>()

  constructor(accounts: Accounts, now: () => number) {
    this.#accounts = accounts
    this.#now = now
  }

  issue({ person }: Account): string {
    const { id } = person.quilt
    const code = randomSecret()
    this.#codes.set(sha256(code), { accountId: id, expiresAt: this.#now() + CODE_SECONDS })
    return Buffer.from(JSON.stringify({ id, code })).toString('base64')
  }

  /**
   * Whose code this is, once; undefined for a text that has not the form of one, which may be a token.
   *
   * @throws Refusal 401 when it was used, has expired, or was never issued
   */
  redeem(text: string): Account | undefined {
    const shown = decode(text)
    if (shown === undefined) return undefined
    const issued = this.#codes.get(sha256(shown.code))
    const isGood = issued?.accountId === shown.id && issued.expiresAt > this.#now()
    const account = isGood ? this.#accounts.withId(shown.id) : undefined
    if (account === undefined) throw notAuthenticated('Code invalid')
    this.#codes.delete(sha256(shown.code))
    return account
  }
}

function decode(text: string): z.output<typeof codeSchema> | undefined {
  try {
    return codeSchema.safeParse(JSON.parse(Buffer.from(text, 'base64').toString())).data
  } catch {
    return undefined
  }
}
