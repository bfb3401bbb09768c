import { randomSecret, sha256 } from '../../core/hash.ts'
import type { Store } from '../../core/redis.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import { ANSWER_SECONDS, SIGN_IN_ATTEMPT_SECONDS, TRANSACTION_SECONDS } from '../lifetimes.ts'

/** One authorization request in progress: checked, and waiting for the person's answer. */
export interface Transaction {
  /** The browser that began it, and where alone it can be answered. */
  readonly browserId: string
  readonly clientId: string
  readonly clientName: string
  readonly redirectUri: string
  /** As the client sent it, byte for byte; absent when it sent none. */
  readonly state?: string
  readonly codeChallenge: string
  /** The service that it is for. */
  readonly service: string
  readonly scope: string
  /** The sign-in that the client asked for, where one from before will not do. */
  readonly reauthentication?: Reauthentication
  /** That sign-in was. */
  readonly isReauthenticated?: true
}

/** Transactions by an unguessable id that only the browser's address bar knows; see core/storage.md. */
export class TransactionStore {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  /** @returns the id of the new transaction */
  async begin(transaction: Transaction): Promise<string> {
    const id = randomSecret()
    await this.#redis.set(transactionKey(id), JSON.stringify(transaction), 'EX', TRANSACTION_SECONDS)
    return id
  }

  /** The transaction, or undefined when it is over or never was. */
  async find(id: string): Promise<Transaction | undefined> {
    const record = await this.#redis.get(transactionKey(id))
    return record === null ? undefined : (JSON.parse(record) as Transaction)
  }

  /** The person has signed in as the client asked; how long the transaction lives does not change. */
  async markReauthenticated(id: string, transaction: Transaction): Promise<void> {
    const record = JSON.stringify({ ...transaction, isReauthenticated: true })
    await this.#redis.set(transactionKey(id), record, 'KEEPTTL', 'XX')
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

  /** Remembers which transaction a visit to the identity provider belongs to, by its `state`. */
  async beginSignIn(state: string, transactionId: string): Promise<void> {
    await this.#redis.set(signInKey(state), transactionId, 'EX', SIGN_IN_ATTEMPT_SECONDS)
  }

  /** The transaction of a visit, once. */
  async finishSignIn(state: string): Promise<string | undefined> {
    return (await this.#redis.getdel(signInKey(state))) ?? undefined
  }
}

/** The braces make the keys of one transaction share a slot of a cluster. */
export function transactionKey(id: string): string {
  return `connect:transaction:{${sha256(id)}}`
}

function signInKey(state: string): string {
  return `connect:sign-in:${sha256(state)}`
}
