import { z } from 'zod'
import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import type { Account, Accounts } from './accounts.ts'
import { notAuthenticated } from './refusal.ts'

const CODE_SECONDS = 10 * 60

const codeSchema = z.object({ id: z.string(), code: z.string() })

/** Codes that users paste: base64 of `{"id","code"}`, valid for ten minutes and one use. */
export class OneTimeCodes {
  readonly #accounts: Accounts
  readonly #now: () => number
  /** By the hash of the code. */
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
   * Returns the code's account, once; undefined if the text is not a code, and may be a token.
   *
   * @throws Refusal 401 if the code is used, expired or unknown
   */
  redeem(text: string): Account | undefined {
    const given = decode(text)
    if (given === undefined) return undefined
    const issued = this.#codes.get(sha256(given.code))
    const isValid = issued?.accountId === given.id && issued.expiresAt > this.#now()
    const account = isValid ? this.#accounts.withId(given.id) : undefined
    if (account === undefined) throw notAuthenticated('Code invalid')
    this.#codes.delete(sha256(given.code))
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
