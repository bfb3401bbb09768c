import type { AnswerSplitter, ListDocument } from './answer-splitter.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** Of an answer, looked at without letting anything else happen meanwhile. */
const MAX_SLICE_BYTES = 64 * 1024

/** One answer on its way through the filter. */
export interface Rewriting {
  /** How much of the answer waits here for the rest. */
  readonly heldBytes: number
  /**
   * What may be sent in place of a chunk.
   *
   * @throws UnreadableListError; nothing more of the answer may be sent then
   */
  next(bytes: Uint8Array, isLast: boolean): Promise<Uint8Array>
}

const NOTHING = Buffer.alloc(0)

/** For an answer of lists or capabilities. */
export class Filtering implements Rewriting {
  readonly #splitter: AnswerSplitter
  readonly #filter: (document: ListDocument) => Promise<Uint8Array>
  #isEmpty = true

  constructor(splitter: AnswerSplitter, filter: (document: ListDocument) => Promise<Uint8Array>) {
    this.#splitter = splitter
    this.#filter = filter
  }

  get heldBytes(): number {
    return this.#splitter.heldBytes
  }

  async next(bytes: Uint8Array, isLast: boolean): Promise<Uint8Array> {
    if (bytes.length > 0) this.#isEmpty = false
    // A notification is answered with nothing, whatever type that is said to be.
    if (isLast && this.#isEmpty) return bytes
    const sent: Uint8Array[] = []
    for (let from = 0; from < bytes.length; from += MAX_SLICE_BYTES) {
      if (from > 0) await new Promise(setImmediate)
      sent.push(await this.#filtered(this.#splitter.feed(bytes.subarray(from, from + MAX_SLICE_BYTES))))
    }
    if (isLast) sent.push(await this.#filtered(this.#splitter.end()))
    return Buffer.concat(sent)
  }

  async #filtered(document: ListDocument | undefined): Promise<Uint8Array> {
    return document === undefined ? NOTHING : await this.#filter(document)
  }
}

/** For an answer that does not say what it is: there must be nothing in it. */
export function emptyAnswer(): Rewriting {
  return {
    heldBytes: 0,
    next(chunk) {
      if (chunk.length > 0) throw new UnreadableListError('content_type')
      return Promise.resolve(chunk)
    },
  }
}

/** For an answer that is its status alone, and for the rest of one that failed: nothing of it is sent. */
export function bodiless(): Rewriting {
  return { heldBytes: 0, next: () => Promise.resolve(NOTHING) }
}
