import {
  createAnswerSplitter,
  type ListDocument,
  type ListFormat,
} from '../../../../authz/list-filter/answer-splitter.ts'
import { filterDocument } from '../../../../authz/list-filter/filter-document.ts'
import type { ReadAccess } from '../../../../authz/read-access/judge-call.ts'
import { UnreadableListError } from '../../../../authz/list-filter/unreadable-list-error.ts'

/** Filters one answer piece by piece, as the list filter does, in this thread. */
export interface ListRewriter {
  feed(chunk: Uint8Array): Uint8Array
  end(): Uint8Array
}

/** Nothing comes out of it after it has thrown. */
export function createListRewriter(read: ReadAccess, format: ListFormat): ListRewriter {
  const splitter = createAnswerSplitter(format)
  let failed: UnreadableListError | undefined
  const filtered = (next: () => ListDocument | undefined): Uint8Array => {
    if (failed !== undefined) throw failed
    try {
      const document = next()
      return document === undefined ? Buffer.alloc(0) : filterDocument(read, document)
    } catch (error) {
      if (error instanceof UnreadableListError) failed = error
      throw error
    }
  }
  return { feed: (chunk) => filtered(() => splitter.feed(chunk)), end: () => filtered(() => splitter.end()) }
}

/** What comes out for these pieces, together. */
export function rewrite(read: ReadAccess, format: ListFormat, chunks: readonly Uint8Array[]): Buffer {
  const rewriter = createListRewriter(read, format)
  const sent = chunks.map((chunk) => Buffer.from(rewriter.feed(chunk)))
  return Buffer.concat([...sent, rewriter.end()])
}

export function rewriteText(read: ReadAccess, format: ListFormat, text: string): string {
  return rewrite(read, format, [Buffer.from(text)]).toString('utf8')
}

/** The bytes cut at these places, wherever they are beyond the end included. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const inOrder = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ]
  return inOrder.slice(1).map((end, index) => bytes.subarray(inOrder[index], end))
}
