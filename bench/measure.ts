import { usageOf } from './lab/process-usage.ts'
import type { Running } from './lab/launch.ts'
import type { Lab } from './lab/lab.ts'
import type { LoadGenerator } from './load/load-generator.ts'
import type { LoadJob, LoadResult, Pace } from './load/job.ts'
import { IN_FLIGHT, MAX_COLD_PER_SECOND, REQUESTS_PER_SECOND, type Plan } from './plan.ts'
import type { Row } from './rows.ts'
import type { Sample } from './sample.ts'
import { percentile } from './statistics.ts'

const MAX_WARM_UP_MS = 30_000

/** Unexpected answers: the measurement is invalid. */
export class WrongAnswers extends Error {
  constructor(row: Row, { wrong, firstWrong }: LoadResult) {
    super(`${row.title}: ${wrong} wrong answers, the first: ${firstWrong}`)
    this.name = 'WrongAnswers'
  }
}

/** The requests of a row asked authz more or less often than the row says. */
export class TooManyCalls extends Error {
  constructor({ title, calls, listStreams }: Row, sample: Sample) {
    const [asked, filtered] = [sample.calls.toFixed(3), sample.listStreams.toFixed(3)]
    super(
      `${title}: ${asked} calls of authz for a request and not ${calls}, ${filtered} filters and not ${listStreams}`,
    )
    this.name = 'TooManyCalls'
  }
}

/** Measures one row at a time, and uses each cold token once. */
export class Measurement {
  readonly #lab: Lab
  readonly #load: LoadGenerator
  readonly #plan: Plan
  readonly #next = new Map<string, number>()

  constructor(lab: Lab, load: LoadGenerator, plan: Plan) {
    this.#lab = lab
    this.#load = load
    this.#plan = plan
  }

  async warmUp(row: Row): Promise<void> {
    const pace = this.#closedPace(row)
    await this.#run(row, { pace, maxMs: MAX_WARM_UP_MS, maxRequests: this.#plan.warmUpRequests })
  }

  /** @throws WrongAnswers, TooManyCalls */
  async sample(row: Row): Promise<Sample> {
    const { edge, authz } = this.#lab.edge(row.edge)
    const { openMs, closedMs, closedRequests, coldRequests } = this.#plan
    const open = await this.#run(row, {
      pace: { kind: 'open', perSecond: REQUESTS_PER_SECOND },
      maxMs: openMs,
      maxRequests: Math.ceil((openMs / 1000) * REQUESTS_PER_SECOND),
    })

    const countsBefore = await edge.counts()
    const cpuBefore = { envoy: cpuMs(edge), authz: cpuMs(authz) }
    const closed = await this.#run(row, {
      pace: this.#closedPace(row),
      maxMs: closedMs,
      maxRequests: isCold(row) ? coldRequests : closedRequests,
    })
    const perThousand = (ms: number): number => (ms / closed.answered) * 1000
    const envoyCpuMs = perThousand(cpuMs(edge) - cpuBefore.envoy)
    const authzCpuMs = perThousand(cpuMs(authz) - cpuBefore.authz)
    const counts = await edge.counts()
    const sample = {
      p50Ms: percentile(open.latenciesMs, 0.5),
      p99Ms: percentile(open.latenciesMs, 0.99),
      perSecond: (closed.answered / closed.elapsedMs) * 1000,
      envoyCpuMs,
      authzCpuMs,
      envoyMiB: usageOf(edge.pid).rssMiB,
      authzMiB: authz === undefined ? 0 : usageOf(authz.pid).rssMiB,
      unavailable: open.unavailable + closed.unavailable,
      calls: (counts.authzCalls - countsBefore.authzCalls) / closed.answered,
      listStreams: (counts.listStreams - countsBefore.listStreams) / closed.answered,
    }
    const isAsPromised = sample.calls === row.calls && sample.listStreams === row.listStreams
    if (sample.unavailable === 0 && !isAsPromised) throw new TooManyCalls(row, sample)
    return sample
  }

  #closedPace(row: Row): Pace {
    return {
      kind: 'closed',
      inFlight: IN_FLIGHT,
      maxPerSecond: isCold(row) ? MAX_COLD_PER_SECOND : undefined,
    }
  }

  async #run(row: Row, how: Pick<LoadJob, 'pace' | 'maxMs' | 'maxRequests'>): Promise<LoadResult> {
    const { edge } = this.#lab.edge(row.edge)
    const from = this.#next.get(row.id) ?? 0
    const { request, expected } = row
    const tokensFile = this.#lab.tokens[row.tokens].file
    const result = await this.#load.run({ port: edge.port, request, expected, tokensFile, from, ...how })
    this.#next.set(row.id, from + result.sent)
    if (result.wrong > 0) throw new WrongAnswers(row, result)
    return result
  }
}

function isCold({ tokens }: Row): boolean {
  return tokens === 'cold' || tokens === 'large-cold'
}

function cpuMs(process: Running | undefined): number {
  return process === undefined ? 0 : usageOf(process.pid).cpuMs
}
