/** What a mocha process counted. */
export interface Counts {
  readonly passed: number
  readonly failed: number
}

/** Reads the end of mocha's spec reporter; undefined where mocha ended before it. */
export function readCounts(output: string): Counts | undefined {
  const passed = lastNumber(output, 'passing')
  if (passed === undefined) return undefined
  return { passed, failed: lastNumber(output, 'failing') ?? 0 }
}

function lastNumber(output: string, word: string): number | undefined {
  const counts = [...output.matchAll(new RegExp(`^ {2}(\\d+) ${word}\\b`, 'gm'))]
  const last = counts.at(-1)?.[1]
  return last === undefined ? undefined : Number(last)
}
