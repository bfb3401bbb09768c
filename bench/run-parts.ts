import { PARTS } from './edge/envoy-parts.ts'
import { startLab } from './lab/lab.ts'
import { LoadGenerator } from './load/load-generator.ts'
import { Measurement } from './measure.ts'
import type { Plan } from './plan.ts'
import { AS_TOKEN, GATE, type EdgeDescription, type Row } from './rows.ts'
import { median } from './statistics.ts'
import { table } from './table.ts'

const WHOLE = 'envoy.yaml'

const asking = { kind: 'gate', asks: 'authz-warm' } as const
const ALONE: readonly (readonly [title: string, edge: EdgeDescription])[] = [
  ['without a check', { kind: 'alone' }],
  ['without a check and all of these', { kind: 'alone', off: 'all of these' }],
]
const DESCRIPTIONS = new Map<string, EdgeDescription>([
  [WHOLE, asking],
  ...[...PARTS.keys()].map((off): [string, EdgeDescription] => [off, { ...asking, off }]),
  ...ALONE,
])
const ROWS = [...DESCRIPTIONS].map(([title, { asks }], index): Row => ({
  ...GATE,
  id: title,
  title,
  edge: `edge-${index}`,
  ...(asks === undefined ? { calls: 0, expected: AS_TOKEN } : {}),
}))

/** Measures the processor time of Envoy with each part of envoy.yaml switched off, and describes it. */
export async function runParts(plan: Plan, progress: (line: string) => void): Promise<string> {
  const edges = Object.fromEntries([...DESCRIPTIONS.values()].map((edge, index) => [`edge-${index}`, edge]))
  const lab = await startLab(plan, Math.floor(Date.now() / 1000), edges)
  const load = new LoadGenerator()
  try {
    const measurement = new Measurement(lab, load, plan)
    for (const row of ROWS) await measurement.warmUp(row)
    const cpu = new Map<string, number[]>(ROWS.map(({ id }) => [id, []]))
    for (let round = 1; round <= plan.rounds; round += 1) {
      progress(`round ${round} of ${plan.rounds}`)
      for (const row of ROWS) cpu.get(row.id)?.push((await measurement.sample(row)).envoyCpuMs)
    }
    return describeParts(cpu)
  } finally {
    load.stop()
    await lab.stop()
  }
}

/** @param cpu - by row, of each round: milliseconds of Envoy for 1,000 requests */
function describeParts(cpu: ReadonlyMap<string, readonly number[]>): string {
  const whole = cpu.get(WHOLE) ?? []
  return table(
    ['switched off', 'Envoy CPU', 'lowest', 'saves', 'to envoy.yaml'],
    [...cpu].map(([title, rounds]) => [
      title,
      median(rounds).toFixed(0),
      Math.min(...rounds).toFixed(0),
      median(rounds.map((ms, round) => (whole[round] ?? NaN) - ms)).toFixed(1),
      median(rounds.map((ms, round) => ms / (whole[round] ?? NaN))).toFixed(2),
    ]),
  )
}
