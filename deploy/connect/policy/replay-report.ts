import type { Service } from '../../../core/services/service.ts'
import type { AuditRecord } from './audit-record.ts'
import { judgeRecord } from './judge-record.ts'
import type { RecordedPolicy } from './recorded-policy.ts'

interface Difference {
  /** Quilt user name; undefined if no token was verified, or the personal data was removed. */
  readonly user: string | undefined
  /** Name, or else the fingerprint. */
  readonly client: string | undefined
  readonly service: string | undefined
  readonly operation: string | undefined
  /** `allowed`, or the reason of the refusal. */
  readonly was: string
  readonly becomes: string
  readonly requests: number
  /** Time of the last one, ISO 8601. */
  readonly last: string
}

const ALLOWED = 'allowed'

/** Collects what a replay finds: differences by user, client and operation. */
export class ReplayReport {
  readonly #policy: RecordedPolicy
  readonly #services: readonly Service[]
  readonly #differences = new Map<string, Difference>()
  readonly #reasons = new Map<string, number>()
  #asBefore = 0

  constructor(policy: RecordedPolicy, services: readonly Service[]) {
    this.#policy = policy
    this.#services = services
  }

  add(record: AuditRecord): void {
    const { refusalsNotRecorded = 0 } = record.additionalEventData
    if (refusalsNotRecorded > 0)
      this.#addUnjudged('refused in a flood, and not recorded', refusalsNotRecorded)
    const judgement = judgeRecord(record, this.#policy, this.#services)
    if ('unjudged' in judgement) this.#addUnjudged(judgement.unjudged, 1)
    else if ((judgement.was === ALLOWED) === (judgement.becomes === ALLOWED)) this.#asBefore += 1
    else this.#addDifference(record, judgement)
  }

  /** @param unreadable - damaged lines, which may have been requests */
  result(unreadable: number) {
    if (unreadable > 0) this.#addUnjudged('the line is damaged', unreadable)
    const differences = [...this.#differences.values()].sort((one, other) => other.requests - one.requests)
    const reasons = [...this.#reasons].map(([reason, requests]) => ({ reason, requests }))
    const sum = (all: readonly { readonly requests: number }[]): number =>
      all.reduce((total, { requests }) => total + requests, 0)
    return {
      asBefore: this.#asBefore,
      changed: sum(differences),
      unjudged: sum(reasons),
      differences,
      reasons,
    }
  }

  #addUnjudged(reason: string, requests: number): void {
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + requests)
  }

  #addDifference(
    { userIdentity, requestParameters, eventTime: last }: AuditRecord,
    change: { readonly was: string; readonly becomes: string },
  ): void {
    const { service, operation, client: fingerprint, clientName } = requestParameters
    const client =
      clientName ??
      (fingerprint === undefined ? undefined : this.#policy.clientName(fingerprint)) ??
      fingerprint
    const about = { user: userIdentity?.userName, client, service, operation, ...change }
    const key = JSON.stringify([about, fingerprint])
    const { requests = 0 } = this.#differences.get(key) ?? {}
    this.#differences.set(key, { ...about, requests: requests + 1, last })
  }
}
