import { createListRewriter, type ListFormat } from '../../../../authz/access/list-rewriter.ts'
import type { ReadAccess } from '../../../../authz/access/may-use.ts'

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
