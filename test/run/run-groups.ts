import process from 'node:process'
import type { Group } from './groups.ts'
import { runGroup, type Outcome } from './run-group.ts'

/**
 * Runs groups, a few mocha processes at a time, and counts them together. What a group printed follows when it has
 * ended.
 *
 * @param mochaArguments - go to each mocha
 * @returns the exit status
 */
export async function runGroups(
  groups: readonly Group[],
  atOnce: number,
  mochaArguments: readonly string[],
): Promise<0 | 1> {
  const beganAt = performance.now()
  const waiting = [...groups]
  const outcomes: Outcome[] = []
  await Promise.all(Array.from({ length: atOnce }, runNext))

  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
  print(`\nAll groups together:\n\n  ${passed} passing (${seconds()}s)\n`)
  if (failed > 0) print(`  ${failed} failing\n`)
  print(`\n${passed} passed, ${failed} failed\n`)
  return outcomes.every((outcome) => outcome.isGood) && failed === 0 ? 0 : 1

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

function print(text: string): void {
  process.stdout.write(text)
}
