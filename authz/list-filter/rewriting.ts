import type { ListRewriter } from '../access/list-rewriter.ts'

/** One answer on its way through a rewriter. */
export class Rewriting {
  readonly #rewriter: ListRewriter
  #isEmpty = true

  constructor(rewriter: ListRewriter) {
    this.#rewriter = rewriter
  }

  /** How much of the answer waits here for the rest. */
  get heldBytes(): number {
    return this.#rewriter.heldBytes
  }

  /** What may be sent in place of a chunk; throws where nothing more may. */
  next(bytes: Uint8Array, isLast: boolean): Uint8Array {
    if (bytes.length > 0) this.#isEmpty = false
    // A notification is answered with nothing, whatever type that is said to be.
    if (isLast && this.#isEmpty) return bytes
    const output = this.#rewriter.feed(bytes)
    return isLast ? Buffer.concat([output, this.#rewriter.end()]) : output
  }
}

/** For an answer that does not say what it is: there must be nothing in it. */
export function emptyAnswer(): ListRewriter {
  return {
    heldBytes: 0,
    feed(chunk) {
      if (chunk.length > 0) throw new TypeError('an answer without a content type')
      return chunk
    },
    end: () => Buffer.alloc(0),
  }
}

/** For an answer that is its status alone: nothing of what comes after is sent. */
export function bodiless(): ListRewriter {
  const nothing = Buffer.alloc(0)
  return { heldBytes: 0, feed: () => nothing, end: () => nothing }
}
