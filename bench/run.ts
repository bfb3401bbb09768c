import { holdSessions } from './hold-sessions.ts'
import { startLab, type Lab } from './lab/lab.ts'
import { LoadGenerator } from './load/load-generator.ts'
import { Measurement } from './measure.ts'
import type { Plan } from './plan.ts'
import { describeResults } from './report.ts'
import { EDGES, ROWS, type Row } from './rows.ts'
import type { Sample } from './sample.ts'

/** @throws WrongAnswers */
export async function run(plan: Plan, progress: (line: string) => void): Promise<string> {
  progress('starting Envoys, authz, stores and the service')
  const lab = await startLab(plan, Math.floor(Date.now() / 1000), EDGES)
  const load = new LoadGenerator()
  try {
    return await measureAll(plan, { lab, load, progress })
  } finally {
    load.stop()
    await lab.stop()
  }
}

interface Means {
  readonly lab: Lab
  readonly load: LoadGenerator
  readonly progress: (line: string) => void
}

async function measureAll(plan: Plan, { lab, load, progress }: Means): Promise<string> {
  const measurement = new Measurement(lab, load, plan)
  progress('warming up')
  for (const row of ROWS) await measurement.warmUp(row)
  progress(`holding ${plan.held} sessions`)
  const held = await holdSessions(lab, load, rowOf('large'))
  const samples = new Map<string, Sample[]>(ROWS.map(({ id }) => [id, []]))
  for (let round = 1; round <= plan.rounds; round += 1) {
    progress(`round ${round} of ${plan.rounds}`)
    for (const row of ROWS) samples.get(row.id)?.push(await measurement.sample(row))
  }
  return describeResults(samples, plan, held)
}

function rowOf(id: string): Row {
  const row = ROWS.find((each) => each.id === id)
  if (row === undefined) throw new TypeError(`no row is called ${id}`)
  return row
}
