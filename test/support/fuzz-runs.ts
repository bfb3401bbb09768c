import process from 'node:process'

/** How often a test tries random input; `npm run test:long` tries ten times as much. */
export function fuzzRuns(count: number): number {
  return count * Number(process.env.FUZZ_TIMES ?? 1)
}
