import type { Registry } from '@prometheus-io/client'
import { Counts } from '../../core/metrics/counts.ts'
import { Durations } from '../../core/metrics/durations.ts'
import type { Service } from '../../core/services/service.ts'
import type { Decision, UnavailableReason } from '../decide/decision.ts'
import type { ToolDecision } from '../decide/tool-decision.ts'

/** The names in envoy.yaml. */
const STAGES = ['authenticate', 'tool_access', 'list_filter'] as const
type Stage = (typeof STAGES)[number]

/** Envoy waits 500 ms for a check. */
const BUCKETS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

/** What became of an answer that goes through the list filter. */
const ANSWERS = ['passed', 'filtered', 'unreadable', 'failed'] as const
export type AnswerOutcome = (typeof ANSWERS)[number]

/** Alarms count these from the first one. */
const ALARMING: readonly UnavailableReason[] = [
  'sealing_key_missing',
  'signing_key_missing',
  'too_many_new_tokens',
  'too_many_api_keys',
  'too_late',
  'internal',
]

/** A request whose route names no service. */
const NO_SERVICE = 'none'

/** Counts and times what the three stages answer. */
export class CheckMetrics {
  readonly #decisions: Counts<'stage' | 'service' | 'verdict' | 'reason'>
  readonly #durations = new Durations({
    name: 'connect_authz_check_duration_seconds',
    help: 'Time from a CheckRequest to its response; for list_filter, from a part of an answer to its replacement',
    labelNames: ['stage'],
    buckets: BUCKETS,
    initial: STAGES.map((stage) => ({ stage })),
  })
  readonly #answers: Counts<'service' | 'outcome'>

  constructor(services: readonly Pick<Service, 'name'>[]) {
    const names = services.map(({ name }) => name)
    this.#decisions = new Counts({
      name: 'connect_authz_decisions_total',
      help: 'Decisions of the stages authenticate and tool_access',
      labelNames: ['stage', 'service', 'verdict', 'reason'],
      initial: names.flatMap((service) =>
        ALARMING.map((reason) => ({ stage: 'authenticate', service, verdict: 'error', reason })),
      ),
    })
    this.#answers = new Counts({
      name: 'connect_authz_list_answers_total',
      help: 'Answers of services that went through the list filter',
      labelNames: ['service', 'outcome'],
      initial: names.flatMap((service) => ANSWERS.map((outcome) => ({ service, outcome }))),
    })
  }

  decided(
    stage: Exclude<Stage, 'list_filter'>,
    decision: Decision | ToolDecision,
    milliseconds: number,
  ): void {
    const service = decision.route?.service.name ?? NO_SERVICE
    this.#decisions.add({ stage, service, verdict: verdictOf(decision), reason: reasonOf(decision) })
    this.#durations.observe({ stage }, milliseconds / 1000)
  }

  rewritten(milliseconds: number): void {
    this.#durations.observe({ stage: 'list_filter' }, milliseconds / 1000)
  }

  answered(service: string | undefined, outcome: AnswerOutcome): void {
    this.#answers.add({ service: service ?? NO_SERVICE, outcome })
  }

  registerAt(registry: Registry): void {
    this.#decisions.registerAt(registry)
    this.#durations.registerAt(registry)
    this.#answers.registerAt(registry)
  }
}

function verdictOf({ verdict }: Decision | ToolDecision): 'allow' | 'deny' | 'error' {
  if (verdict === 'call_allowed') return 'allow'
  return verdict === 'call_refused' ? 'deny' : verdict
}

/** A text that is made for each decision would be hashed for each. */
const VALID = { session: 'valid_session', api_key: 'valid_api_key' } as const

/** As in the access log. */
function reasonOf(decision: Decision | ToolDecision): string {
  if (decision.verdict === 'allow') return VALID[decision.source]
  return decision.verdict === 'call_allowed' ? 'valid_call' : decision.reason
}
