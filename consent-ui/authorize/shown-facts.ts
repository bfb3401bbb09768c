import { serviceNamed, type Service } from '../../core/services/service.ts'
import type { BackgroundWork } from '../http/background-work.ts'
import { SHOWN_FACT_TIMEOUT_MS } from '../lifetimes.ts'
import type { AskRole } from '../quilt/ask-role.ts'
import type { ToolLists } from '../quilt/tool-lists.ts'
import type { Approvals } from '../store/approvals.ts'
import { isCounted } from './earlier-consents.ts'
import type { EarlyCredentials } from './early-credentials.ts'
import type { AskStep } from './next-step.ts'
import type { OpenTransaction } from './open-transaction.ts'

interface ShownFactsDependencies {
  readonly services: readonly Service[]
  readonly approvals: Approvals
  readonly askRole: AskRole
  readonly toolLists: ToolLists
  readonly earlyCredentials: EarlyCredentials
  readonly inBackground: BackgroundWork
  readonly now: () => number
  readonly elapsedMs: () => number
}

/** Runs work that the page waits for until its deadline; the work itself goes on. */
type InTime = <Result>(name: string, work: Promise<Result>) => Promise<Result | undefined>

/** What the consent page only shows; it is complete without them, and waits for all of them only a fixed time. */
export class ShownFacts {
  readonly #dependencies: ShownFactsDependencies

  constructor(dependencies: ShownFactsDependencies) {
    this.#dependencies = dependencies
  }

  /** @returns the step too, with the credential if there is one now */
  async of(opened: OpenTransaction, asked: AskStep) {
    const { services, approvals, askRole, toolLists, now } = this.#dependencies
    const { transaction } = opened
    const inTime = this.#untilDeadline()
    const step = await this.#withCredential(opened, asked, inTime)
    const service = serviceNamed(services, transaction.service)
    const credential = 'held' in step.from ? step.from.held.credential : undefined
    const [role, tools, counted] = await Promise.all([
      credential === undefined ? undefined : inTime('registry: role', askRole(credential)),
      credential === undefined || service.kind === 'http'
        ? undefined
        : inTime('service: tools', toolLists.of(service, credential)),
      isCounted(transaction) ? approvals.of(transaction, step.person, now()) : undefined,
    ])
    return { step, role, tools, approvals: counted }
  }

  async #withCredential(opened: OpenTransaction, step: AskStep, inTime: InTime): Promise<AskStep> {
    const { from } = step
    if ('held' in from) return step
    const work = this.#dependencies.earlyCredentials.hold(opened, from)
    const held = await inTime('registry: credential for the consent page', work)
    return held === undefined ? step : { ...step, from: { held, signIn: from.signIn } }
  }

  #untilDeadline(): InTime {
    const { inBackground, elapsedMs } = this.#dependencies
    const until = elapsedMs() + SHOWN_FACT_TIMEOUT_MS
    return (name, work) =>
      inBackground.within(Math.max(0, until - elapsedMs()), {
        name,
        work,
        meanwhile: () => Promise.resolve(undefined),
      })
  }
}
