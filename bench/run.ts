import { holdSessions } from './hold-sessions.ts'
import type { Plan } from './plan.ts'
import { describeResults } from './report.ts'
import { inLab, measureRounds, warmUp } from './rounds.ts'
import { EDGES, ROWS, type Row } from './rows.ts'

/** @throws WrongAnswers */
export async function run(plan: Plan, progress: (line: string) => void): Promise<string> {
  progress('starting Envoys, authz, stores and the service')
  return await inLab(plan, EDGES, async (means) => {
    progress('warming up')
    await warmUp(means, ROWS)
    progress(`holding ${plan.held} sessions`)
    const held = await holdSessions(means.lab, means.load, rowOf('large'))
    const samples = await measureRounds(means, ROWS, { rounds: plan.rounds, progress })
    return describeResults(samples, plan, held)
  })
}

function rowOf(id: string): Row {
  const row = ROWS.find((each) => each.id === id)
  if (row === undefined) throw new TypeError(`no row is called ${id}`)
  return row
}
