import { readFileSync } from 'node:fs'

const PAGE = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')

export interface DocumentedMetric {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
}

/** The rows of one chapter of docs/metrics.md. */
export function documentedMetrics(chapter: 'authz' | 'consent-ui' | 'Envoy' | 'Node'): DocumentedMetric[] {
  const [, text = ''] = PAGE.split(`\n## ${chapter}\n`)
  const [rows = ''] = text.split('\n## ')
  return [...rows.matchAll(/^\| `(\w+)` \| (\w+) \| ([\w, ]*) ?\| /gm)].map(
    ([, name = '', type = '', labels = '']) => ({
      name,
      type,
      labels: labels.split(',').flatMap((label) => (label.trim() === '' ? [] : [label.trim()])),
    }),
  )
}
