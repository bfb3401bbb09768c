import type { Context } from 'koa'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import type { Clients } from '../clients/client.ts'
import { provenClient } from './authorization-request.ts'
import { ShownError } from '../oauth/errors.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { seeOther } from '../http/see-other.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'

export interface FinishParts {
  readonly ring: KeyRing
  readonly transactions: TransactionStore
  readonly codes: CodeStore
  readonly clients: Clients
  readonly allowedHosts: AllowedHosts
  readonly log: Log
}

/** What a transaction was answered with. */
export interface Answer {
  /** What was chosen; equal for answers that mean the same. */
  readonly choice: string
  /** Where the browser is sent, a URL of the client's. */
  readonly location: string
  /** The code that it takes there, if it does. */
  readonly code?: string
}

export interface NewAnswer extends Answer {
  /** Done before the browser is sent on, for the answer that stands only. */
  readonly whenFirst?: () => Promise<void>
}

/**
 * Sends the browser back to the client with an answer. The first one stands, whichever of two came first.
 * Client and redirect URI are checked once more, before there is an answer: the operator may have blocked one since.
 */
export function finishTransaction(parts: FinishParts) {
  const mayBeSentAgain = sendableAgain(parts)

  /** @throws ShownError for a client or redirect URI that is not accepted now, or another answer; Unavailable */
  return async function finish(
    ctx: Context,
    opened: OpenTransaction,
    respond: () => Promise<NewAnswer> | NewAnswer,
  ): Promise<void> {
    await checkDestination(parts, opened)
    const { whenFirst, ...answer } = await respond()
    const sealed = seal(parts.ring, answerBinding(opened), JSON.stringify(answer))
    const standingText = await parts.transactions.answer(opened.id, sealed)
    const isFirst = standingText === sealed
    const decision = isFirst ? 'new' : 'answered before'
    parts.log.info(
      { decision, client: opened.transaction.clientName },
      'an authorization request was answered',
    )
    const standing = readAnswer(parts, opened, standingText)
    if (isFirst) await whenFirst?.()
    else if (!(await mayBeSentAgain(standing, answer.choice))) throw alreadyAnswered()
    seeOther(ctx, standing.location)
  }
}

/** Finds the answer that a transaction has. */
export function standingAnswer(parts: FinishParts) {
  return async function answerOf(opened: OpenTransaction): Promise<Answer | undefined> {
    const sealed = await parts.transactions.answerOf(opened.id)
    return sealed === undefined ? undefined : readAnswer(parts, opened, sealed)
  }
}

/** Sends the browser where it was sent before. */
export function sendAgain(parts: FinishParts) {
  return async function again(ctx: Context, opened: OpenTransaction, { location }: Answer): Promise<void> {
    await checkDestination(parts, opened)
    seeOther(ctx, location)
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

/**
 * True if the browser may be sent to the client with this answer once more. A code that was redeemed must not be: the
 * client would show it a second time, which ends its session (RFC 6749 section 4.1.2).
 */
export function sendableAgain({ codes }: Pick<FinishParts, 'codes'>) {
  return async function mayBeSentAgain(standing: Answer, choice = standing.choice): Promise<boolean> {
    if (standing.choice !== choice) return false
    return standing.code === undefined || (await codes.find(standing.code))?.state === 'issued'
  }
}

export function alreadyAnswered(): ShownError {
  return new ShownError(
    'You have already answered',
    'Your first answer to this request counts. Return to the application. To connect it in another way, connect again there; to end its access, open your connected applications.',
    { status: 409, link: { href: APPS_PAGE, text: 'Connected applications' } },
  )
}

/** The answer may hold a code, so the store sees it sealed under the browser's cookie. */
function answerBinding({ id, browser }: OpenTransaction): Binding {
  return { purpose: 'answer with choice', share: Buffer.from(browser.cookie), context: [id] }
}

/** @throws ShownError for one that was given before the browser's cookie changed */
function readAnswer({ ring }: FinishParts, opened: OpenTransaction, sealed: string): Answer {
  const text = openStored(ring, answerBinding(opened), sealed)
  if (text === undefined) throw alreadyAnswered()
  return JSON.parse(text) as Answer
}
