import { globSync } from 'node:fs'
import process from 'node:process'
import { inGroups, type Group } from './groups.ts'
import { runGroup, type Outcome } from './run-group.ts'

/** As many as the tests were made for: each group starts stacks of several processes. */
const AT_ONCE = 2

/**
 * Runs every test, two mocha processes at a time, and counts them together. What a group printed follows when it has
 * ended. Arguments go to each mocha.
 */
const beganAt = performance.now()
const mochaArguments = process.argv.slice(2)
const waiting = inGroups(globSync('test/**/*.test.ts'))
const outcomes: Outcome[] = []
await Promise.all(Array.from({ length: AT_ONCE }, runGroups))

const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
process.stdout.write(`\nAll groups together:\n\n  ${passed} passing (${seconds()}s)\n`)
if (failed > 0) process.stdout.write(`  ${failed} failing\n`)
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = outcomes.every((outcome) => outcome.isGood) && failed === 0 ? 0 : 1

async function runGroups(): Promise<void> {
  for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) await run(group)
}

async function run({ name, files }: Group): Promise<void> {
  process.stdout.write(`test: ${name} (${files.length} files) begins after ${seconds()}s\n`)
  const printed: string[] = []
  const outcome = await runGroup([...mochaArguments, ...files], (text) => void printed.push(text))
  outcomes.push(outcome)
  process.stdout.write(`${printed.join('')}\ntest: ${name} ended after ${seconds()}s\n`)
}

function seconds(): number {
  return Math.round((performance.now() - beganAt) / 1000)
}
