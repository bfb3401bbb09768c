import { PARTS } from './edge/envoy-parts.ts'
import type { Plan } from './plan.ts'
import { AS_TOKEN, GATE, type EdgeDescription, type Row } from './rows.ts'
import { inLab, measureRounds, warmUp } from './rounds.ts'
import type { Samples } from './sample.ts'
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
  return await inLab(plan, edges, async (means) => {
    await warmUp(means, ROWS)
    return describeParts(await measureRounds(means, ROWS, { rounds: plan.rounds, progress }))
  })
}

/** By the milliseconds of Envoy for 1,000 requests. */
function describeParts(samples: Samples): string {
  const cpu = new Map([...samples].map(([id, rounds]) => [id, rounds.map(({ envoyCpuMs }) => envoyCpuMs)]))
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
