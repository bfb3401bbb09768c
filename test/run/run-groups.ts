import process from 'node:process'
import type { Group } from './groups.ts'
import { runGroup, type Outcome } from './run-group.ts'

const SLOWEST_FILES_SHOWN = 10

/**
 * Runs groups, a few mocha processes at a time, and sums up: the slowest files, the counts and, last, each failure.
 * A group's output follows when the group has ended.
 *
 * @param mochaArguments - go to each mocha
 * @returns the exit status
 */
export async function runGroups(
  groups: readonly Group[],
  concurrency: number,
  mochaArguments: readonly string[],
): Promise<0 | 1> {
  const beganAt = performance.now()
  const waiting = [...groups]
  const outcomes: Outcome[] = []
  await Promise.all(Array.from({ length: concurrency }, runNext))
  print(summaryText(outcomes, seconds()))
  return outcomes.every((outcome) => outcome.isGood) ? 0 : 1

  async function runNext(): Promise<void> {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) await run(group)
  }

  async function run({ name, files }: Group): Promise<void> {
    print(`test: ${name} (${files.length} files) begins after ${seconds()}s\n`)
    const printed: string[] = []
    const outcome = await runGroup([...mochaArguments, ...files], (text) => void printed.push(text))
    outcomes.push(outcome)
    print(`${printed.join('')}\ntest: ${name} ended after ${seconds()}s\n`)
  }

  function seconds(): number {
    return Math.round((performance.now() - beganAt) / 1000)
  }
}

/** The failures come last, in full: a log that is cut at its start still holds them. */
export function summaryText(outcomes: readonly Outcome[], seconds: number): string {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failures = outcomes.flatMap((outcome) => outcome.failures)
  const slowest = outcomes
    .flatMap((outcome) => Object.entries(outcome.secondsOfFiles))
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, SLOWEST_FILES_SHOWN)
  return [
    '\nThe slowest files:\n',
    ...slowest.map(([file, time]) => `  ${time.toFixed(1).padStart(5)} s  ${file}`),
    `\nAll groups together:\n\n  ${passed} passing (${seconds}s)`,
    ...(failures.length > 0 ? [`  ${failures.length} failing`] : []),
    ...failures.map(({ file, title, error }) => `\nfailed: ${file}\n  ${title}\n${error}`),
    `\n${passed} passed, ${failures.length} failed\n`,
  ].join('\n')
}

function print(text: string): void {
  process.stdout.write(text)
}
