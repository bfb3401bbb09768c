import { globSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { groupTask } from './run-group.ts'
import { runTasks } from './run-tasks.ts'

/** What fuzzRuns() says, many times over. */
const FUZZ_TIMES = '10'
const TEN_MINUTES_MS = String(600_000)

/** What is long by nature: load, a day of use, soaks. One file at a time, alone, as they measure the machine. */
const long = globSync('test/**/*.long.ts')
  .sort()
  .map((file) => groupTask({ name: file, files: [file] }, process.argv.slice(2)))

/** Files of `npm test` with random input. */
const random = globSync('test/**/*.test.ts').filter((file) =>
  readFileSync(file, 'utf8').includes('fuzzRuns('),
)
process.env.FUZZ_TIMES = FUZZ_TIMES
const fuzz = groupTask({ name: 'random input', files: random.sort() }, [
  ...['--timeout', TEN_MINUTES_MS],
  ...process.argv.slice(2),
])
process.exitCode = await runTasks([...long, fuzz], 1)
