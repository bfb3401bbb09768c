import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parser } from '@prometheus-io/lezer-promql'
import { parse } from 'yaml'
import { documentedMetrics } from '../../docs/documented-metrics.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly action: string }
}

const FILE = new URL('../../../deploy/observe/alerts.yaml', import.meta.url)
const { groups } = parse(readFileSync(FILE, 'utf8')) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}
const RULES = groups.flatMap(({ rules }) => rules)

/** test/journeys/metrics.test.ts sees each of them emitted; Prometheus makes `up` itself. */
const EMITTED = new Set([
  'up',
  ...(['authz', 'consent-ui', 'Envoy', 'Node'] as const)
    .flatMap((chapter) => documentedMetrics(chapter))
    .flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
])

/** @throws AssertionError for an expression that PromQL does not have */
function metricsOf(expression: string): string[] {
  const names: string[] = []
  parser.parse(expression).iterate({
    enter: ({ name, from, to, type }) => {
      assert.ok(!type.isError, `${expression}: at ${from}`)
      if (name === 'Identifier') names.push(expression.slice(from, to))
    },
  })
  return names
}

describe('deploy/observe/alerts.yaml', () => {
  it('names each alert once, with severity, summary and what to do', () => {
    assert.equal(new Set(RULES.map(({ alert }) => alert)).size, RULES.length)
    for (const { alert, labels, annotations, for: duration = '0s' } of RULES) {
      assert.match(labels.severity, /^(page|ticket)$/, alert)
      assert.ok(annotations.summary.length > 0 && annotations.action.length > 0, alert)
      assert.match(duration, /^\d+[smh]$/, alert)
    }
  })

  for (const { alert, expr } of RULES) {
    it(`has an expression in PromQL of metrics that exist: ${alert}`, () => {
      const names = metricsOf(expr)
      assert.ok(names.length > 0, expr)
      for (const name of names) assert.ok(EMITTED.has(name), name)
    })
  }
})
