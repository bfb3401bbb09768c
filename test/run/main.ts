import { globSync } from 'node:fs'
import process from 'node:process'
import { inHalves } from './halves.ts'
import { runHalf } from './run-half.ts'

/**
 * Runs every test in two mocha processes side by side, and counts them together. The first prints as it goes, the
 * second when the first has ended. Arguments go to both.
 */
const beganAt = performance.now()
const mochaArguments = process.argv.slice(2)
const files = globSync('test/**/*.test.ts').sort()
const print = (text: string): void => void process.stdout.write(text)

const held: string[] = []
const [first, second] = inHalves(files)
const running = runHalf([...mochaArguments, ...second], (text) => void held.push(text))
const halves = [await runHalf([...mochaArguments, ...first], print), await running]
for (const text of held) print(text)

const passed = halves.reduce((sum, half) => sum + half.passed, 0)
const failed = halves.reduce((sum, half) => sum + half.failed, 0)
const seconds = Math.round((performance.now() - beganAt) / 1000)
print(`\nBoth halves together:\n\n  ${passed} passing (${seconds}s)\n`)
if (failed > 0) print(`  ${failed} failing\n`)
print(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = halves.every((half) => half.isGood) && failed === 0 ? 0 : 1
