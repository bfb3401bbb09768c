import type { Lab } from './lab/lab.ts'
import { usageOf } from './lab/process-usage.ts'
import type { LoadGenerator } from './load/load-generator.ts'
import { WrongAnswers } from './measure.ts'
import { IN_FLIGHT, MAX_COLD_PER_SECOND } from './plan.ts'
import type { Row } from './rows.ts'

const MAX_MS = 300_000

export interface Held {
  readonly sessions: number
  readonly grownMiB: number
}

/** Uses each of many tokens once, so that authz caches their sessions. */
export async function holdSessions(lab: Lab, load: LoadGenerator, row: Row): Promise<Held> {
  const { edge, authz } = lab.edge(row.edge)
  const { file, count } = lab.tokens.held
  const residentMiB = (): number => (authz === undefined ? 0 : usageOf(authz.pid).rssMiB)
  const beforeMiB = residentMiB()
  const { request, expected } = row
  const result = await load.run({
    ...{ port: edge.port, request, expected, tokensFile: file, from: 0 },
    pace: { kind: 'closed', inFlight: IN_FLIGHT, maxPerSecond: MAX_COLD_PER_SECOND },
    maxMs: MAX_MS,
    maxRequests: count,
  })
  if (result.wrong > 0) throw new WrongAnswers(row, result)
  return { sessions: result.answered, grownMiB: residentMiB() - beforeMiB }
}
