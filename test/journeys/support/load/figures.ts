import process from 'node:process'
import type { Load, Outcome } from './load.ts'

/** What is told of one phase of a load. */
interface Figures {
  readonly phase: string
  /** Of the whole load. */
  readonly outcomes: readonly Outcome[]
  /** From the return of the part to the first of many answers in a row that are as ever; absent where none was gone. */
  readonly recoveryMs: number | undefined
}

/**
 * Writes a table of the whole load: how each phase was answered to those who may pass and to those who may not.
 *
 * @param mayPass - whose outages are counted
 */
export function printFigures(
  load: Load,
  recoveries: ReadonlyMap<string, number>,
  mayPass: (outcome: Outcome) => boolean,
): void {
  const phases = [...new Set(load.outcomes.map(({ phase }) => phase))]
  const rows = phases.map((phase) => {
    return rowOf({ phase, outcomes: load.outcomes, recoveryMs: recoveries.get(phase) }, mayPass)
  })
  const [first, last] = [load.outcomes[0], load.outcomes.at(-1)]
  const seconds = ((last?.sentMs ?? 0) - (first?.sentMs ?? 0)) / 1000
  const lines = [
    `${load.sent} requests in ${seconds.toFixed(1)} s (${Math.round(load.sent / seconds)} a second), ` +
      `the latest sent ${Math.round(load.latestMs)} ms late, ${load.dropped} not sent`,
    row(['phase', 'requests', 'may pass', 'may not', 'longest outage', 'recovery']),
    ...rows,
  ]
  process.stdout.write(lines.map((line) => `      ${line}\n`).join(''))
}

/** The longest time in a phase without an answer to these users, in milliseconds. */
export function longestGapMs(outcomes: readonly Outcome[], phase: string): number {
  const sent = outcomes.filter((outcome) => outcome.phase === phase).map(({ sentMs }) => sentMs)
  const [begin, end] = [Math.min(...sent), Math.max(...sent)]
  const answered = outcomes
    .filter(({ status, endedMs }) => status === 200 && endedMs > begin && endedMs < end)
    .map(({ endedMs }) => endedMs)
    .sort((one, other) => one - other)
  const gaps = [...answered, end].map((endedMs, at) => endedMs - (answered[at - 1] ?? begin))
  return Math.max(...gaps)
}

function rowOf({ phase, outcomes, recoveryMs }: Figures, mayPass: (outcome: Outcome) => boolean): string {
  const ofPhase = outcomes.filter((outcome) => outcome.phase === phase)
  const passing = ofPhase.filter(mayPass)
  return row([
    phase,
    String(ofPhase.length),
    statuses(passing),
    statuses(ofPhase.filter((outcome) => !mayPass(outcome))),
    `${Math.round(longestGapMs(outcomes.filter(mayPass), phase))} ms`,
    recoveryMs === undefined ? '' : `${Math.round(recoveryMs)} ms`,
  ])
}

function statuses(outcomes: readonly Outcome[]): string {
  const counts = new Map<number, number>()
  for (const { status } of outcomes) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts]
    .sort(([one], [other]) => one - other)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')
}

function row(cells: readonly string[]): string {
  const widths = [26, 9, 26, 38, 15, 9]
  return cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' ')
}
