import { z } from 'zod'
import type { Document } from './documents.ts'

type Source = Document['_source']

const limits = z.strictObject({
  gt: z.number().optional(),
  gte: z.number().optional(),
  lt: z.number().optional(),
  lte: z.number().optional(),
})
const one = z.union([
  z.strictObject({ query_string: z.object({ query: z.string() }) }),
  z.strictObject({ exists: z.object({ field: z.string() }) }),
  z.strictObject({ terms: z.record(z.string(), z.array(z.string())) }),
  z.strictObject({ range: z.record(z.string(), limits) }),
])
const several = z.strictObject({
  bool: z.strictObject({ must: z.array(one).default([]), filter: z.array(one).default([]) }),
})

/** The part of Elasticsearch's query language that quilt-mcp 0.22 uses. */
export const querySchema = z.union([one, several])
export type Query = z.output<typeof querySchema>

export function isMatch(query: Query, source: Source): boolean {
  if ('bool' in query)
    return [...query.bool.must, ...query.bool.filter].every((each) => isMatch(each, source))
  if ('exists' in query) return query.exists.field in source
  if ('query_string' in query) return hasWords(query.query_string.query, source)
  if ('terms' in query)
    return everyField(query.terms, source, (terms, value) => terms.includes(String(value)))
  return everyField(query.range, source, isWithin)
}

function everyField<Wanted>(
  fields: Readonly<Record<string, Wanted>>,
  source: Source,
  matches: (wanted: Wanted, value: string | number | undefined) => boolean,
): boolean {
  return Object.entries(fields).every(([field, wanted]) => matches(wanted, source[field]))
}

function isWithin(range: z.output<typeof limits>, value: string | number | undefined): boolean {
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range
  return typeof value === 'number' && value > gt && value >= gte && value < lt && value <= lte
}

/** True if any field contains any word, as by default in Elasticsearch; `*` matches anything. */
function hasWords(words: string, source: Source): boolean {
  const text = Object.values(source).join(' ').toLowerCase()
  const patterns = words.toLowerCase().split(/\s+/).filter(Boolean)
  return patterns.some((pattern) => inOrder(pattern.replaceAll('\\', '').split('*'), text))
}

function inOrder(parts: readonly string[], text: string): boolean {
  let from = 0
  return parts.every((part) => {
    const at = text.indexOf(part, from)
    from = at + part.length
    return at >= 0
  })
}
