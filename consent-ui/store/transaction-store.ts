import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import type { Store } from '../../core/store/redis.ts'
import type { KnownBy } from '../clients/client.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import { ANSWER_SECONDS, TRANSACTION_SECONDS } from '../lifetimes.ts'
import type { RecordName, SignedRecords } from './signed-records.ts'

/** A checked authorization request that waits for the user's answer. */
export interface Transaction {
  /** Only this browser can answer it. */
  readonly browserId: string
  readonly clientId: string
  readonly clientName: string
  readonly clientKnownBy: KnownBy
  /** Hash of the client's metadata at the request. */
  readonly clientHash: string
  readonly redirectUri: string
  /** Byte for byte as the client sent it. */
  readonly state?: string
  readonly codeChallenge: string
  readonly service: string
  readonly scope: string
  /** An earlier consent may skip the consent page. */
  readonly mayBeUnasked?: true
  /** `prompt=none`. */
  readonly isSilent?: true
  /** The client asked for a new sign-in. */
  readonly reauthentication?: Reauthentication
  /** That sign-in has happened. */
  readonly isReauthenticated?: boolean
}

/** Transactions by an unguessable id that is only in the browser's address bar; see core/storage.md. */
export class TransactionStore {
  readonly #redis: Store
  readonly #records: SignedRecords

  constructor(redis: Store, records: SignedRecords) {
    this.#redis = redis
    this.#records = records
  }

  async begin(transaction: Transaction): Promise<string> {
    const id = randomSecret()
    await this.#redis.set(transactionKey(id), this.#textOf(id, transaction), 'EX', TRANSACTION_SECONDS)
    return id
  }

  /** @returns undefined if unknown or expired. @throws ShownError for a record changed in Redis; MissingKeyError */
  async find(id: string): Promise<Transaction | undefined> {
    const record = await this.#redis.get(transactionKey(id))
    return record === null ? undefined : (this.#records.read(nameOf(id), record) as Transaction)
  }

  /** @returns the number of login attempts, this one included */
  async countLoginAttempt(id: string): Promise<number> {
    return Number(await this.#redis.eval(COUNT, 1, `${transactionKey(id)}:visits`, TRANSACTION_SECONDS))
  }

  /** Makes the next sign-in a choice of account. */
  async askForAccount(id: string, transaction: Transaction): Promise<void> {
    const { reauthentication } = transaction
    // A new sign-in (`login`) is a choice of account too.
    const prompt = reauthentication?.prompt ?? 'select_account'
    const asked = { reauthentication: { ...reauthentication, prompt }, isReauthenticated: false }
    await this.#change(id, { ...transaction, ...asked })
  }

  async markReauthenticated(id: string, transaction: Transaction): Promise<void> {
    await this.#change(id, { ...transaction, isReauthenticated: true })
  }

  async #change(id: string, transaction: Transaction): Promise<void> {
    await this.#redis.set(transactionKey(id), this.#textOf(id, transaction), 'KEEPTTL', 'XX')
  }

  /** Keeps the first answer, sealed since it may hold a code. @returns the answer that counts, sealed */
  async answer(id: string, sealedAnswer: string): Promise<string> {
    const key = `${transactionKey(id)}:answer`
    const before = await this.#redis.set(key, sealedAnswer, 'EX', TRANSACTION_SECONDS, 'NX', 'GET')
    if (before === null) await this.#redis.expire(transactionKey(id), ANSWER_SECONDS)
    return before ?? sealedAnswer
  }

  async answerOf(id: string): Promise<string | undefined> {
    return (await this.#redis.get(`${transactionKey(id)}:answer`)) ?? undefined
  }

  #textOf(id: string, transaction: Transaction): string {
    return this.#records.write(nameOf(id), transaction)
  }
}

function nameOf(id: string): RecordName {
  return { kind: 'transaction', storeKey: transactionKey(id) }
}

const COUNT = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
`

/** The hash tag puts all keys of a transaction into one cluster slot. */
export function transactionKey(id: string): string {
  return `connect:transaction:{${sha256(id)}}`
}
