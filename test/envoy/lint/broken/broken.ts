import type { Changes } from '../changes.ts'

/** One small edit of the configuration that runs, after which a rule does not hold. */
export interface Broken {
  readonly rule: string
  /** What is found, to complete "finds …". */
  readonly what: string
  readonly edit: (edge: Changes) => void
  /** Other rules that the same edit breaks. */
  readonly also?: readonly string[]
}

/** The edits that break one rule. */
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

/** Names of the filters that change answers of services, in their order. */
export const OF_ANSWERS = ['write_location', 'read_location', 'http_answers', 'mcp_answers']
