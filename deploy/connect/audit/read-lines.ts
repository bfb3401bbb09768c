import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { SYSLOG_HEADER } from '../../../core/audit/syslog-writer.ts'
import { UsageError } from '../command.ts'

/** RFC 1952 section 2.3.1. */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

/**
 * Reads a file, also a gzip file, line by line; it may be larger than the memory. A syslog header before a line is told
 * apart.
 *
 * @throws UsageError if it cannot be read
 */
export async function readLines(
  path: string,
  onLine: (text: string, lineNumber: number, header: string) => void,
): Promise<void> {
  let lineNumber = 0
  try {
    for await (const text of createInterface({ input: await contentOf(path), crlfDelay: 0 })) {
      lineNumber += 1
      const [header = ''] = SYSLOG_HEADER.exec(text) ?? []
      if (text !== '') onLine(text.slice(header.length), lineNumber, header)
    }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new UsageError(`${path} cannot be read (${code})`)
  }
}

async function contentOf(path: string): Promise<Readable> {
  const file = await open(path)
  const { buffer } = await file
    .read({ buffer: Buffer.alloc(GZIP_MAGIC.length), position: 0 })
    .finally(() => file.close())
  const bytes = createReadStream(path)
  // pipeline passes an error on to the stream that is read.
  return buffer.equals(GZIP_MAGIC) ? pipeline(bytes, createGunzip(), () => undefined) : bytes
}
