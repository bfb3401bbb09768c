import type { Plan } from './plan.ts'
import { GATE, type Row } from './rows.ts'
import { inLab, measureRounds, warmUp } from './rounds.ts'
import type { Samples } from './sample.ts'
import { median } from './statistics.ts'
import { table } from './table.ts'

/** The first is what the others are compared with. */
const PROCESSES: readonly (readonly [title: string, asks: string])[] = [
  ['neither metrics nor traces', 'authz-uncounted'],
  ['neither, again: noise', 'authz-uncounted-again'],
  ['metrics', 'authz-warm'],
]
const ROWS: readonly Row[] = PROCESSES.map(([title, asks]) => ({ ...GATE, id: title, title, edge: asks }))

/** Measures the processor time of warm checks with settings of authz on and off, and describes it. */
export async function runSettings(plan: Plan, progress: (line: string) => void): Promise<string> {
  const edges = Object.fromEntries(PROCESSES.map(([, asks]) => [asks, { kind: 'gate', asks } as const]))
  return await inLab(plan, edges, async (means) => {
    await warmUp(means, ROWS)
    return describeSettings(
      await measureRounds(means, ROWS, { rounds: plan.rounds, progress, order: inTurn }),
    )
  })
}

/** Another row comes first in each round: the first one finds the caches of the processor cold. */
function inTurn<Each>(rows: readonly Each[], round: number): Each[] {
  const first = round % rows.length
  return [...rows.slice(first), ...rows.slice(0, first)]
}

/** By the milliseconds of authz for 1,000 requests. */
function describeSettings(samples: Samples): string {
  const cpu = [...samples].map(([id, rounds]) => [id, rounds.map(({ authzCpuMs }) => authzCpuMs)] as const)
  const [[, without] = ['', []]] = cpu
  return table(
    ['authz with', 'CPU', 'lowest', 'to the first', 'of all rounds'],
    cpu.map(([title, rounds]) => [
      title,
      median(rounds).toFixed(1),
      Math.min(...rounds).toFixed(1),
      median(rounds.map((ms, round) => ms / (without[round] ?? NaN))).toFixed(3),
      (sum(rounds) / sum(without)).toFixed(3),
    ]),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
