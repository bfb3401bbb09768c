import type { Context } from 'koa'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import type { Clients } from '../clients/client.ts'
import type { ConsentOutcome, ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { seeOther } from '../http/see-other.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import { provenClient } from './authorization-request.ts'
import type { OpenTransaction } from './open-transaction.ts'

interface AnswersDependencies {
  readonly ring: KeyRing
  readonly transactions: TransactionStore
  readonly codes: CodeStore
  readonly clients: Clients
  readonly allowedHosts: AllowedHosts
  readonly metrics: ConsentUiMetrics
  readonly log: Log
}

export interface TransactionAnswer {
  /** Equal for answers that mean the same. */
  readonly choice: string
  /** The client's redirect URI with the response. */
  readonly location: string
  /** The authorization code in `location`, if any. */
  readonly code?: string
}

export interface NewAnswer extends TransactionAnswer {
  /** For the metrics. */
  readonly outcome: ConsentOutcome
  /** Runs before the redirect, only if no other answer came first. */
  readonly whenFirst?: () => Promise<void>
}

/** Answers of transactions: the first one counts, and each check of the client is repeated before a redirect. */
export class Answers {
  readonly #dependencies: AnswersDependencies

  constructor(dependencies: AnswersDependencies) {
    this.#dependencies = dependencies
  }

  /** Redirects to the client. @throws ShownError if it is not allowed any more, or another answer came first */
  async answer(
    ctx: Context,
    opened: OpenTransaction,
    respond: () => Promise<NewAnswer> | NewAnswer,
  ): Promise<void> {
    const { ring, transactions, metrics, log } = this.#dependencies
    await this.#checkClient(opened)
    const { whenFirst, outcome, ...answer } = await respond()
    const sealed = seal(ring, answerBinding(opened), writeRecord(answer))
    const first = await transactions.answer(opened.id, sealed)
    const isFirst = first === sealed
    if (isFirst) metrics.consent(outcome)
    const decision = isFirst ? 'new' : 'answered before'
    log.info({ decision, client: opened.transaction.clientName }, 'authorization request answered')
    const counting = this.#open(opened, first)
    if (isFirst) await whenFirst?.()
    else if (!(await this.mayBeResent(counting, answer.choice))) throw alreadyAnswered()
    seeOther(ctx, counting.location)
  }

  async findAnswer(opened: OpenTransaction): Promise<TransactionAnswer | undefined> {
    const sealed = await this.#dependencies.transactions.answerOf(opened.id)
    return sealed === undefined ? undefined : this.#open(opened, sealed)
  }

  async resend(ctx: Context, opened: OpenTransaction, { location }: TransactionAnswer): Promise<void> {
    await this.#checkClient(opened)
    seeOther(ctx, location)
  }

  /**
   * True for the same choice whose code is not redeemed yet. A second use of a code would end the client's session
   * (RFC 6749 section 4.1.2).
   */
  async mayBeResent(answer: TransactionAnswer, choice = answer.choice): Promise<boolean> {
    if (answer.choice !== choice) return false
    return answer.code === undefined || (await this.#dependencies.codes.find(answer.code))?.state === 'issued'
  }

  /** The operator may have blocked the client since the request. */
  async #checkClient({ transaction: { clientId, redirectUri } }: OpenTransaction): Promise<void> {
    const { clients, allowedHosts } = this.#dependencies
    const parameters = new Map([
      ['client_id', clientId],
      ['redirect_uri', redirectUri],
    ])
    await provenClient(parameters, clients, allowedHosts)
  }

  /** @throws ShownError if the browser's cookie has changed since the answer */
  #open(opened: OpenTransaction, sealed: string): TransactionAnswer {
    const text = openStored(this.#dependencies.ring, answerBinding(opened), sealed)
    if (text === undefined) throw alreadyAnswered()
    return readRecord(text) as TransactionAnswer
  }
}

export function alreadyAnswered(): ShownError {
  return new ShownError(en.errors.answered, { status: 409, link: { href: APPS_PAGE, text: en.links.apps } })
}

/** Sealed under the browser's cookie, since an answer may hold a code. */
function answerBinding({ id, browser }: OpenTransaction): Binding {
  return { purpose: 'answer with choice', share: Buffer.from(browser.cookie), context: [id] }
}
