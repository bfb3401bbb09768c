import type { AnswerSplitter, ListDocument } from './answer-splitter.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** Other calls get a turn after so many bytes. */
const MAX_SLICE_BYTES = 64 * 1024

/** Rewrites the body of one answer, chunk by chunk. */
export interface BodyRewriter {
  /** Bytes that wait for the rest of their document. */
  readonly heldBytes: number
  /**
   * Returns what replaces a chunk.
   *
   * @throws UnreadableListError; the rest of the answer must not be sent
   */
  next(bytes: Uint8Array, isLast: boolean): Promise<Uint8Array>
}

const NOTHING = Buffer.alloc(0)

/** Filters lists and capabilities. */
export class FilteringRewriter implements BodyRewriter {
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
    // The answer to a notification is empty, whatever its Content-Type.
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

/** Refuses any body: an answer without Content-Type must be empty. */
export const REFUSE_BODY: BodyRewriter = {
  heldBytes: 0,
  next: (chunk) =>
    chunk.length > 0 ? Promise.reject(new UnreadableListError('content_type')) : Promise.resolve(chunk),
}

/** Drops the body of an answer without one, and the rest of an answer that failed. */
export const DROP_BODY: BodyRewriter = { heldBytes: 0, next: () => Promise.resolve(NOTHING) }
