import type { Changes } from '../changes.ts'

/** One small edit that breaks a rule. */
export interface Broken {
  readonly rule: string
  /** The finding, to complete "finds …". */
  readonly what: string
  readonly edit: (edge: Changes) => void
  /** Other rules that the same edit breaks. */
  readonly also?: readonly string[]
}

export function breaks(
  rule: string,
  edits: Readonly<Record<string, Broken['edit'] | readonly [Broken['edit'], ...string[]]>>,
): readonly Broken[] {
  return Object.entries(edits).map(([what, edit]) => {
    if (typeof edit === 'function') return { rule, what, edit }
    const [first, ...also] = edit
    return { rule, what, edit: first, also }
  })
}

/** The filters that change answers of services, in order. */
export const OF_ANSWERS = ['write_location', 'read_location', 'http_answers', 'mcp_answers']
