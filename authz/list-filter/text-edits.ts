import type { JsonNode } from '../read-access/json-node.ts'

/** A value of a JSON text, and the text that takes its place. */
export interface Edit {
  readonly node: JsonNode
  readonly text: string
}

/** Applies edits that do not overlap; everything around them stays as it is, to the character. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let written = ''
  let from = 0
  for (const { node, text: replacement } of edits.toSorted(
    (one, other) => one.node.start - other.node.start,
  )) {
    written += text.slice(from, node.start) + replacement
    from = node.end
  }
  return written + text.slice(from)
}
