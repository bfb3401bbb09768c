import { UnreadableListError } from './unreadable-list-error.ts'

export const LF = 0x0a
export const CR = 0x0d
/** Begins a comment. */
export const COLON = 0x3a

/** Of one event: what it costs to filter depends on its lines as well as on its length. */
const MAX_LINES = 100_000

/**
 * Finds where server-sent events end (WHATWG HTML 9.2), however their stream arrives in pieces. A comment before an
 * event counts as an event: services keep quiet connections open with lines that no empty line follows.
 */
export class EventSplitter {
  readonly #maxEventBytes: number
  /** Of the event that has not ended. */
  #size = 0
  #lines = 0
  /** What the line that has not ended is so far. */
  #line: 'empty' | 'comment' | 'field' = 'empty'
  #isFirstLine = true
  /** Whether the last byte was a CR, and what it ended. */
  #afterCr: 'no' | 'line' | 'event' = 'no'

  /** @param maxEventBytes - of one event; more make it unreadable */
  constructor(maxEventBytes = Infinity) {
    this.#maxEventBytes = maxEventBytes
  }

  /**
   * The index after the end of the next event in a chunk; undefined where the rest of the chunk holds no end. To be
   * called with each index that it returned, until there is none.
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
    if (this.#lines > MAX_LINES) throw new UnreadableListError('too_many_lines')
    const endsEvent = this.#line === 'empty' || (this.#line === 'comment' && this.#isFirstLine)
    this.#line = 'empty'
    this.#isFirstLine = endsEvent
    if (byte === CR) this.#afterCr = endsEvent ? 'event' : 'line'
    return endsEvent
  }
}
