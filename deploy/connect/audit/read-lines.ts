import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { UsageError } from '../command.ts'

/** Reads a file line by line; it may be larger than the memory. @throws UsageError if it cannot be read */
export async function readLines(
  path: string,
  onLine: (text: string, lineNumber: number) => void,
): Promise<void> {
  let lineNumber = 0
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: 0 })) {
      lineNumber += 1
      if (text !== '') onLine(text, lineNumber)
    }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new UsageError(`${path} cannot be read (${code})`)
  }
}
