import process from 'node:process'

/**
 * Loaded into a process before its own code (NODE_OPTIONS=--import), for tests of real processes that cannot wait:
 * at each SIGUSR2 a minute has passed, by both of its clocks, and it says so.
 */

const SKIPPED_MS = 61_000
let skippedMs = 0
const nowMs = Date.now.bind(Date)
const elapsedMs = performance.now.bind(performance)

Date.now = () => nowMs() + skippedMs
performance.now = () => elapsedMs() + skippedMs
process.on('SIGUSR2', () => {
  skippedMs += SKIPPED_MS
  process.stdout.write('a minute has passed\n')
})
