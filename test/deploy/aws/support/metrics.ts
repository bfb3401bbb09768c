import { z } from 'zod'
import type { Stack } from './evaluate.ts'
import { propertiesOf } from './views.ts'

/** A metric that an alarm or the dashboard reads. */
export interface ReadMetric {
  /** The alarm, or the title of the widget. */
  readonly by: string
  readonly namespace: string
  readonly name: string
  readonly dimensions: readonly string[]
}

const metric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
})
const alarm = z.union([
  metric.transform((one) => [one]),
  z
    .object({ Metrics: z.array(z.object({ MetricStat: z.object({ Metric: metric }).optional() })) })
    .transform(({ Metrics: all }) =>
      all.flatMap(({ MetricStat: stat }) => (stat === undefined ? [] : [stat.Metric])),
    ),
])
const dashboard = z.object({
  widgets: z.array(
    z.object({
      properties: z.object({
        title: z.string(),
        metrics: z.array(z.tuple([z.string(), z.string()], z.unknown())).default([]),
      }),
    }),
  ),
})
const body = z.object({ DashboardBody: z.string() })
const filter = z.object({
  FilterPattern: z.string(),
  MetricTransformations: z.tuple([
    z.object({ MetricNamespace: z.string(), MetricName: z.string(), MetricValue: z.string() }),
  ]),
})

export function metricsOfAlarms(stack: Stack): ReadMetric[] {
  return propertiesOf(stack, 'AWS::CloudWatch::Alarm', alarm).flatMap(([by, metrics]) =>
    metrics.map(({ Namespace: namespace, MetricName: name, Dimensions: dimensions }) => ({
      by,
      namespace,
      name,
      dimensions: dimensions.map((dimension) => dimension.Name),
    })),
  )
}

/** `["Namespace", "Name", "Dimension", "value", …, {options}]`. @throws SyntaxError if the body is not JSON */
export function metricsOfDashboards(stack: Stack): ReadMetric[] {
  return propertiesOf(stack, 'AWS::CloudWatch::Dashboard', body).flatMap(([, { DashboardBody: text }]) =>
    dashboard.parse(JSON.parse(text)).widgets.flatMap(({ properties: { title, metrics } }) =>
      metrics.map(([namespace, name, ...rest]) => ({
        by: title,
        namespace,
        name,
        dimensions: rest.filter((item, place): item is string => typeof item === 'string' && place % 2 === 0),
      })),
    ),
  )
}

/** Metrics that filters make of the log. */
export function logMetricsOf(stack: Stack) {
  return propertiesOf(stack, 'AWS::Logs::MetricFilter', filter).map(
    ([, { FilterPattern, MetricTransformations }]) => ({
      pattern: FilterPattern,
      namespace: MetricTransformations[0].MetricNamespace,
      name: MetricTransformations[0].MetricName,
      value: MetricTransformations[0].MetricValue,
    }),
  )
}
