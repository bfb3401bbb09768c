import { write } from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { AuditWriter } from './audit-target.ts'

const STDOUT = 1
/** For the service's user only: lines hold names and addresses of people. */
const FILE_MODE = 0o600
/** A pipe takes this much in one piece (PIPE_BUF), so that no line of the log ends up inside an audit line. */
const PIPE_BYTES = 4096

const writeTo = promisify(write)

type LocalTarget = 'stdout' | { readonly path: string }

/** Appends lines. After a failure, `write` with the same text continues behind the last byte that was written. */
export class LineWriter implements AuditWriter {
  readonly isRemote = false
  readonly #target: LocalTarget
  #written = 0

  constructor(target: LocalTarget) {
    this.#target = target
  }

  /** @throws as node:fs */
  async write(lines: readonly string[]): Promise<void> {
    if (this.#target === 'stdout') await this.#writeAll(STDOUT, lines, PIPE_BYTES)
    else {
      // Opened each time, so that a rotated file is left alone.
      const file = await open(this.#target.path, 'a', FILE_MODE)
      try {
        await this.#writeAll(file.fd, lines, Infinity)
      } finally {
        await file.close()
      }
    }
    this.#written = 0
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #writeAll(descriptor: number, lines: readonly string[], maxBytes: number): Promise<void> {
    let begin = 0
    for (const piece of piecesOf(lines, maxBytes)) {
      const end = begin + piece.length
      while (this.#written < end) {
        const { bytesWritten } = await writeTo(descriptor, piece, this.#written - begin)
        this.#written += bytesWritten
      }
      begin = end
    }
  }
}

/** Joins lines into pieces of at most this size; a longer line is a piece of its own. */
function piecesOf(lines: readonly string[], maxBytes: number): Buffer[] {
  const pieces: Buffer[] = []
  let [piece, bytes] = ['', 0]
  for (const line of lines) {
    const length = Buffer.byteLength(line) + 1
    if (bytes > 0 && bytes + length > maxBytes) {
      pieces.push(Buffer.from(piece))
      ;[piece, bytes] = ['', 0]
    }
    piece += `${line}\n`
    bytes += length
  }
  if (bytes > 0) pieces.push(Buffer.from(piece))
  return pieces
}
