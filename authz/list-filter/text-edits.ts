import type { JsonNode } from '../read-access/scan-json.ts'

/** A value of a JSON text, and its replacement. */
export interface Edit {
  readonly node: JsonNode
  readonly text: string
}

/** Applies edits that do not overlap; all other text stays the same, character for character. */
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
