import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import type { Store } from '../../core/store/redis.ts'
import type { KnownBy } from '../clients/client.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import { ANSWER_SECONDS, TRANSACTION_SECONDS } from '../lifetimes.ts'
import type { RecordName, SignedRecords } from './signed-records.ts'

/** One authorization request in progress: checked, and waiting for the person's answer. */
export interface Transaction {
  /** The browser that began it, and where alone it can be answered. */
  readonly browserId: string
  readonly clientId: string
  readonly clientName: string
  readonly clientKnownBy: KnownBy
  /** Of everything that was known of the client when it asked. */
  readonly clientHash: string
  readonly redirectUri: string
  /** As the client sent it, byte for byte; absent when it sent none. */
  readonly state?: string
  readonly codeChallenge: string
  /** The service that it is for. */
  readonly service: string
  readonly scope: string
  /** An earlier answer to the same request may stand in for a new one. */
  readonly mayBeUnasked?: true
  /** The person is to be shown no page (`prompt=none`). */
  readonly isSilent?: true
  /** The sign-in that the client asked for, where one from before will not do. */
  readonly reauthentication?: Reauthentication
  /** That sign-in was. */
  readonly isReauthenticated?: boolean
}

/** Transactions by an unguessable id that only the browser's address bar knows; see core/storage.md. */
export class TransactionStore {
  readonly #redis: Store
  readonly #records: SignedRecords

  constructor(redis: Store, records: SignedRecords) {
    this.#redis = redis
    this.#records = records
  }

  /** @returns the id of the new transaction */
  async begin(transaction: Transaction): Promise<string> {
    const id = randomSecret()
    await this.#redis.set(transactionKey(id), this.#textOf(id, transaction), 'EX', TRANSACTION_SECONDS)
    return id
  }

  /**
   * The transaction, or undefined when it is over or never was.
   *
   * @throws ShownError for one that was changed outside of this server; MissingKeyError
   */
  async find(id: string): Promise<Transaction | undefined> {
    const record = await this.#redis.get(transactionKey(id))
    return record === null ? undefined : (this.#records.read(nameOf(id), record) as Transaction)
  }

  /** Its browser goes to the identity provider. @returns how often it did, this time included */
  async countVisit(id: string): Promise<number> {
    return Number(await this.#redis.eval(COUNT, 1, `${transactionKey(id)}:visits`, TRANSACTION_SECONDS))
  }

  /** The person is to choose an account at the identity provider. */
  async askForAccount(id: string, transaction: Transaction): Promise<void> {
    const { reauthentication } = transaction
    // A new sign-in, where the client asks for one, is a choice of account too.
    const prompt = reauthentication?.prompt ?? 'select_account'
    const asked = { reauthentication: { ...reauthentication, prompt }, isReauthenticated: false }
    await this.#change(id, { ...transaction, ...asked })
  }

  /** The person has signed in as the client asked; how long the transaction lives does not change. */
  async markReauthenticated(id: string, transaction: Transaction): Promise<void> {
    await this.#change(id, { ...transaction, isReauthenticated: true })
  }

  async #change(id: string, transaction: Transaction): Promise<void> {
    await this.#redis.set(transactionKey(id), this.#textOf(id, transaction), 'KEEPTTL', 'XX')
  }

  /**
   * Keeps the first answer of a transaction. A double click brings two: both get the first.
   *
   * @param sealedAnswer - where the browser is sent, sealed under its cookie (it may hold a code)
   * @returns the sealed answer that counts
   */
  async answer(id: string, sealedAnswer: string): Promise<string> {
    const key = `${transactionKey(id)}:answer`
    const before = await this.#redis.set(key, sealedAnswer, 'EX', TRANSACTION_SECONDS, 'NX', 'GET')
    if (before === null) await this.#redis.expire(transactionKey(id), ANSWER_SECONDS)
    return before ?? sealedAnswer
  }

  /** The sealed answer of a transaction; undefined while there is none. */
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

/** The braces make the keys of one transaction share a slot of a cluster. */
export function transactionKey(id: string): string {
  return `connect:transaction:{${sha256(id)}}`
}
