import { UnreadableListError } from './unreadable-list-error.ts'

export const LF = 0x0a
export const CR = 0x0d
/** Starts a comment. */
export const COLON = 0x3a

/** Of one event: filtering costs time per line as well as per byte. */
const MAX_LINES = 100_000

/**
 * Finds the ends of server-sent events (WHATWG HTML 9.2) in a stream of chunks. A comment before an event counts as an
 * event: services keep idle connections open with comments that no empty line follows.
 */
export class EventSplitter {
  readonly #maxEventBytes: number
  #size = 0
  #lines = 0
  /** The kind of the unfinished line so far. */
  #line: 'empty' | 'comment' | 'field' = 'empty'
  #isFirstLine = true
  /** Set after a CR: an LF that follows belongs to the same line ending. */
  #afterCr: 'no' | 'line' | 'event' = 'no'

  /** @param maxEventBytes - larger events are unreadable */
  constructor(maxEventBytes = Infinity) {
    this.#maxEventBytes = maxEventBytes
  }

  /**
   * Returns the index after the next end of an event in a chunk, or undefined. Call it again from each returned index.
   *
   * @throws UnreadableListError for an event that is too large
   */
  next(chunk: Uint8Array, from: number): number | undefined {
    for (let at = this.#skipText(chunk, from); at < chunk.length; at = this.#skipText(chunk, at + 1)) {
      if (!this.#endsEvent(chunk[at])) continue
      this.#grow(at + 1 - from)
      this.#size = 0
      this.#lines = 0
      return at + 1
    }
    this.#grow(chunk.length - from)
    return undefined
  }

  #grow(bytes: number): void {
    this.#size += bytes
    if (this.#size > this.#maxEventBytes) throw new UnreadableListError('too_large')
  }

  /** Returns the index of the next CR or LF. */
  #skipText(chunk: Uint8Array, from: number): number {
    let at = from
    while (at < chunk.length && chunk[at] !== LF && chunk[at] !== CR) at += 1
    if (at > from) {
      if (this.#line === 'empty') this.#line = chunk[from] === COLON ? 'comment' : 'field'
      this.#afterCr = 'no'
    }
    return at
  }

  /** True when this CR or LF ends an event: after an empty line, or after a comment between events. */
  #endsEvent(byte: number | undefined): boolean {
    const afterCr = this.#afterCr
    this.#afterCr = 'no'
    // The CR has ended the line already; an LF after an ended event counts as an event of its own.
    if (byte === LF && afterCr !== 'no') return afterCr === 'event'
    this.#lines += 1
    if (this.#lines > MAX_LINES) throw new UnreadableListError('too_many_lines')
    const endsEvent = this.#line === 'empty' || (this.#line === 'comment' && this.#isFirstLine)
    this.#line = 'empty'
    this.#isFirstLine = endsEvent
    if (byte === CR) this.#afterCr = endsEvent ? 'event' : 'line'
    return endsEvent
  }
}
