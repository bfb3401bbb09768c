/**
 * What may stand in a field: `value` (a scalar), `anything` (judged by a rule, or free by nature), `typed` (a message
 * that its `@type` names), the name of a message here, each with `[]` for lists and `{}` for maps.
 */
export type Kind = string

/** The fields of a message that the linter knows. */
export type Fields = Readonly<Record<string, Kind>>

/** Many fields of one kind at once. */
export function each(kind: Kind, names: string): Fields {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]))
}
