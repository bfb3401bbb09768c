import { isUtf8 } from 'node:buffer'
import { maySpell } from './key-variants.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const BYTE_ORDER_MARK = '\ufeff'

/** Of one event: a text of megabytes in lines that long has fewer. What an event costs depends on them too. */
const MOST_LINES = 100_000

/** A line as it stands, and what ended it. */
const LINE = /([^\r\n]*)(\r\n|\r|\n)/g

interface Line {
  readonly text: string
  readonly ending: string
  /** What it adds to the event's data; undefined where it is another field or a comment. */
  readonly data: string | undefined
}

/**
 * Filters a stream of server-sent events (WHATWG HTML 9.2) one by one, as each ends. An event whose data stays the
 * same is sent on byte for byte, one whose data changes keeps its other lines; the last, if it never ended, is
 * forgotten, as a client must. A comment before an event is sent by itself: services keep quiet connections open with
 * lines that no empty line follows.
 */
export class EventStreamFilter {
  readonly #filter: (text: string) => string
  readonly #largestEventBytes: number
  /** What came of the event that has not ended. */
  #pieces: Uint8Array[] = []
  #size = 0
  #lines = 0
  /** What the line that has not ended is so far. */
  #line: 'empty' | 'comment' | 'field' = 'empty'
  #isFirstLine = true
  /** Whether the last byte was a CR, and what it ended. */
  #afterCr: 'no' | 'line' | 'event' = 'no'
  #isFirst = true

  constructor(filter: (data: string) => string, largestEventBytes: number) {
    this.#filter = filter
    this.#largestEventBytes = largestEventBytes
  }

  get heldBytes(): number {
    return this.#size
  }

  feed(chunk: Uint8Array): Uint8Array {
    const ready: Uint8Array[] = []
    let from = 0
    for (let at = this.#skipText(chunk, 0); at < chunk.length; at = this.#skipText(chunk, at + 1)) {
      if (!this.#endsEvent(chunk[at])) continue
      this.#keep(chunk.subarray(from, at + 1))
      from = at + 1
      ready.push(this.#takeEvent())
    }
    this.#keep(chunk.subarray(from))
    return Buffer.concat(ready)
  }

  end(): Uint8Array {
    return Buffer.alloc(0)
  }

  /** The place of the next CR or LF. */
  #skipText(chunk: Uint8Array, from: number): number {
    let at = from
    while (at < chunk.length && chunk[at] !== LF && chunk[at] !== CR) at += 1
    if (at > from) {
      if (this.#line === 'empty') this.#line = chunk[from] === COLON ? 'comment' : 'field'
      this.#afterCr = 'no'
    }
    return at
  }

  /** Whether an event ends with this CR or LF: an empty line does it, or a comment where none has begun. */
  #endsEvent(byte: number | undefined): boolean {
    const afterCr = this.#afterCr
    this.#afterCr = 'no'
    // The line has ended with the CR; where an event did too, the LF is sent after it by itself.
    if (byte === LF && afterCr !== 'no') return afterCr === 'event'
    this.#lines += 1
    if (this.#lines > MOST_LINES) throw new UnreadableListError('too_many_lines')
    const endsEvent = this.#line === 'empty' || (this.#line === 'comment' && this.#isFirstLine)
    this.#line = 'empty'
    this.#isFirstLine = endsEvent
    if (byte === CR) this.#afterCr = endsEvent ? 'event' : 'line'
    return endsEvent
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#size += piece.length
    if (this.#size > this.#largestEventBytes) throw new UnreadableListError('too_large')
    this.#pieces.push(piece)
  }

  #takeEvent(): Uint8Array {
    const event = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#size = 0
    this.#lines = 0
    if (!isUtf8(event)) throw new UnreadableListError('not_utf8')
    const text = event.toString('utf8')
    const mark = this.#isFirst && text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : ''
    this.#isFirst = false
    const lines = linesOf(text.slice(mark.length))
    const data = lines.flatMap((line) => line.data ?? []).join('\n')
    // Without data it is no message: a comment that keeps the connection open, or an id alone.
    const filtered = data.trim() === '' ? data : this.#filter(data)
    return filtered === data ? event : Buffer.from(mark + withData(lines, filtered))
  }
}

function linesOf(event: string): Line[] {
  return Array.from(event.matchAll(LINE), ([, text = '', ending = '']) => {
    return { text, ending, data: dataOf(text) }
  })
}

function dataOf(line: string): string | undefined {
  if (line === 'data') return ''
  const colon = line.indexOf(':')
  const field = colon < 0 ? line : line.slice(0, colon)
  if (field === 'data') return line.slice(line.startsWith('data: ') ? 'data: '.length : 'data:'.length)
  // A client that is not strict about its name would read more than was filtered.
  if (maySpell('data', field)) throw new UnreadableListError('field_variant')
  return undefined
}

/** The lines with new data in the place of the first that had any. */
function withData(lines: readonly Line[], data: string): string {
  const first = lines.findIndex((line) => line.data !== undefined)
  return lines
    .map((line, index) => {
      if (line.data === undefined) return line.text + line.ending
      return index === first
        ? data
            .split('\n')
            .map((part) => `data: ${part}${line.ending}`)
            .join('')
        : ''
    })
    .join('')
}
