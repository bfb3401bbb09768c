import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { SYSLOG_HEADER } from '../../../core/audit/syslog-writer.ts'
import { UsageError } from '../command.ts'

/**
 * Reads a file line by line; it may be larger than the memory. A syslog header before a line is told apart.
 *
 * @throws UsageError if it cannot be read
 */
export async function readLines(
  path: string,
  onLine: (text: string, lineNumber: number, header: string) => void,
): Promise<void> {
  let lineNumber = 0
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: 0 })) {
      lineNumber += 1
      const [header = ''] = SYSLOG_HEADER.exec(text) ?? []
      if (text !== '') onLine(text.slice(header.length), lineNumber, header)
    }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new UsageError(`${path} cannot be read (${code})`)
  }
}
