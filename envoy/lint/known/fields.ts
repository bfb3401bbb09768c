/**
 * The content of a field: `value` (a scalar), `anything` (checked by a rule, or free), `typed` (a message named by its
 * `@type`), or the name of a message here; with `[]` for lists and `{}` for maps.
 */
export type Kind = string

/** The fields of a message that the linter knows. */
export type Fields = Readonly<Record<string, Kind>>

export function each(kind: Kind, names: string): Fields {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]))
}
