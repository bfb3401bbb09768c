import { startLab, type Lab } from './lab/lab.ts'
import { LoadGenerator } from './load/load-generator.ts'
import { Measurement } from './measure.ts'
import type { Plan } from './plan.ts'
import type { EdgeDescription, Row } from './rows.ts'
import type { Sample, Samples } from './sample.ts'

interface Means {
  readonly lab: Lab
  readonly load: LoadGenerator
  readonly measurement: Measurement
}

/** Starts a lab and a load generator for some work, and stops them. */
export async function inLab<Result>(
  plan: Plan,
  edges: Readonly<Record<string, EdgeDescription>>,
  work: (means: Means) => Promise<Result>,
): Promise<Result> {
  const lab = await startLab(plan, Math.floor(Date.now() / 1000), edges)
  const load = new LoadGenerator()
  try {
    return await work({ lab, load, measurement: new Measurement(lab, load, plan) })
  } finally {
    load.stop()
    await lab.stop()
  }
}

export async function warmUp({ measurement }: Means, rows: readonly Row[]): Promise<void> {
  for (const row of rows) await measurement.warmUp(row)
}

interface Rounds {
  readonly rounds: number
  readonly progress: (line: string) => void
  /** The rows of a round, in the order in which they are measured. */
  readonly order?: (rows: readonly Row[], round: number) => readonly Row[]
}

/** Measures each row once a round. @throws WrongAnswers, TooManyCalls @returns the samples of each row */
export async function measureRounds(
  { measurement }: Means,
  rows: readonly Row[],
  { rounds, progress, order = () => rows }: Rounds,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(rows.map(({ id }) => [id, []]))
  for (let round = 1; round <= rounds; round += 1) {
    progress(`round ${round} of ${rounds}`)
    for (const row of order(rows, round)) samples.get(row.id)?.push(await measurement.sample(row))
  }
  return samples
}
