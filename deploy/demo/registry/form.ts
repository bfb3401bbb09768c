export type FormFault = 'not a form' | 'repeated parameter'

/** RFC 6749 section 3.2: no parameter may be repeated; an empty one counts as absent. */
export function readForm(body: unknown): ReadonlyMap<string, string> | FormFault {
  if (typeof body !== 'string') return 'not a form'
  const form = new Map<string, string>()
  const seen = new Set<string>()
  for (const [name, value] of new URLSearchParams(body)) {
    if (seen.has(name)) return 'repeated parameter'
    seen.add(name)
    if (value !== '') form.set(name, value)
  }
  return form
}
