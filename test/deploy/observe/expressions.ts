import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly action: string }
}

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: { readonly type: string; readonly uid: string }
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly legendFormat: string
  }[]
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } }
}

interface Dashboard {
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[]
  }
  readonly panels: readonly Panel[]
}

/** An expression that an operator sees, and the texts that show its labels. */
export interface ShownExpression {
  readonly file: string
  readonly where: string
  readonly expr: string
  readonly shownLabels: readonly string[]
}

const { groups } = parse(read('alerts.yaml')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}
export const RULES = groups.flatMap(({ rules }) => rules)

export const DASHBOARD = JSON.parse(read('grafana.json')) as Dashboard

/** Of the alert rules and the dashboard, with values for the dashboard's variables. */
export const EXPRESSIONS: readonly ShownExpression[] = [
  ...RULES.map(({ alert, expr, annotations }) => ({
    file: 'deploy/observe/alerts.yaml',
    where: alert,
    expr,
    shownLabels: [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
  })),
  ...DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, legendFormat }) => ({
      file: 'deploy/observe/grafana.json',
      where: `${title}, ${refId}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$service', '.+'),
      shownLabels: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
    })),
  ),
]

function read(file: string): string {
  return readFileSync(new URL(`../../../deploy/observe/${file}`, import.meta.url), 'utf8')
}
