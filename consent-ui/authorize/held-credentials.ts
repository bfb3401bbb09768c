import type { SessionStore } from '../../core/sessions/session-store.ts'
import { CODE_SECONDS, TRANSACTION_SECONDS, UNUSED_MARGIN_SECONDS } from '../lifetimes.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { UnusedCredentials } from '../quilt/unused-credentials.ts'
import type { HeldCredential, HeldStore } from '../store/held-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import type { AskStep, PasteCodeStep } from './next-step.ts'
import type { OpenTransaction } from './open-transaction.ts'

interface HeldCredentialsDependencies {
  readonly held: HeldStore
  readonly transactions: TransactionStore
  readonly sessions: SessionStore
  readonly unused: UnusedCredentials
  readonly logouts: Logouts
}

/** Quilt credentials that wait for their user's decision. Each is logged out unless a session takes it. */
export class HeldCredentials {
  readonly #dependencies: HeldCredentialsDependencies

  constructor(dependencies: HeldCredentialsDependencies) {
    this.#dependencies = dependencies
  }

  async keep(opened: OpenTransaction, credential: HeldCredential): Promise<void> {
    const { held, unused, sessions } = this.#dependencies
    const sealed = await held.keep(opened, credential)
    unused.watch({
      token: credential.credential.token,
      seconds: TRANSACTION_SECONDS + CODE_SECONDS + UNUSED_MARGIN_SECONDS,
      isInUse: async () => (await sessions.find(credential.sessionId)) !== undefined,
      withdraw: async () => !(await this.isDecided(opened)) && (await held.drop(opened.id, sealed)),
    })
  }

  async isDecided({ id }: OpenTransaction): Promise<boolean> {
    return (await this.#dependencies.transactions.answerOf(id)) !== undefined
  }

  /** Logs out the credential of a step, if there is one: the user cancelled, or is another person. */
  async discard({ id }: OpenTransaction, step: AskStep | PasteCodeStep): Promise<void> {
    if (step.kind !== 'ask' || !('held' in step.from)) return
    await this.#dependencies.held.forget(id)
    this.#dependencies.logouts.begin(step.from.held.credential.token)
  }
}
