import type { Context } from 'koa'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { KeyRing } from '../../core/keys.ts'
import type { Log } from '../../core/log.ts'
import { openStored, seal, type Binding } from '../../core/sealing.ts'
import type { OpenTransaction } from '../browser-cookie.ts'
import type { Clients } from '../clients/client.ts'
import { provenClient } from '../oauth/authorization-request.ts'
import { ShownError } from '../oauth/errors.ts'
import { seeOther } from '../see-other.ts'
import type { TransactionStore } from '../store/transaction-store.ts'

export interface FinishParts {
  readonly ring: KeyRing
  readonly transactions: TransactionStore
  readonly clients: Clients
  readonly allowedHosts: AllowedHosts
  readonly log: Log
}

/**
 * Sends the browser back to the client with an answer. The first one stands, whichever of two came first.
 * Client and redirect URI are checked once more, before there is an answer: the operator may have blocked one since.
 */
export function finishTransaction(parts: FinishParts) {
  /**
   * @param respond - makes the answer, a URL of the client's
   * @throws ShownError for a client or a redirect URI that is not accepted now; Unavailable
   */
  return async function finish(
    ctx: Context,
    opened: OpenTransaction,
    respond: () => Promise<string> | string,
  ): Promise<void> {
    await checkDestination(parts, opened)
    const location = await respond()
    const sealed = seal(parts.ring, answerBinding(opened), location)
    const answer = readAnswer(parts, opened, await parts.transactions.answer(opened.id, sealed))
    const decision = answer === location ? 'new' : 'answered before'
    parts.log.info(
      { decision, client: opened.transaction.clientName },
      'an authorization request was answered',
    )
    seeOther(ctx, answer)
  }
}

/** Sends the browser where it was sent before; false for a transaction that has no answer yet. */
export function answerAgain(parts: FinishParts) {
  return async function isAnswered(ctx: Context, opened: OpenTransaction): Promise<boolean> {
    const standing = await parts.transactions.answerOf(opened.id)
    if (standing === undefined) return false
    await checkDestination(parts, opened)
    seeOther(ctx, readAnswer(parts, opened, standing))
    return true
  }
}

async function checkDestination(
  { clients, allowedHosts }: FinishParts,
  { transaction: { clientId, redirectUri } }: OpenTransaction,
): Promise<void> {
  const asked = new Map([
    ['client_id', clientId],
    ['redirect_uri', redirectUri],
  ])
  await provenClient(asked, clients, allowedHosts)
}

/** The answer may hold a code, so the store sees it sealed under the browser's cookie. */
function answerBinding({ id, browser }: OpenTransaction): Binding {
  return { purpose: 'answer', share: Buffer.from(browser.cookie), context: [id] }
}

function readAnswer({ ring }: FinishParts, opened: OpenTransaction, sealed: string): string {
  const answer = openStored(ring, answerBinding(opened), sealed)
  if (answer !== undefined) return answer
  throw new ShownError('Already answered', 'This request was answered before. Return to the application.')
}
