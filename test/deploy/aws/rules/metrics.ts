import { z } from 'zod'
import type { Stack } from '../support/evaluate.ts'
import { logMetricsOf, metricsOfAlarms, metricsOfDashboards, type ReadMetric } from '../support/metrics.ts'
import { when, type Rule } from '../support/rule.ts'
import { propertiesOf } from '../support/views.ts'

/** Metrics of AWS with the dimensions under which they are published. */
const AWS_METRICS: Readonly<Record<string, readonly string[]>> = {
  'AWS/ApplicationELB ActiveConnectionCount': ['LoadBalancer'],
  'AWS/ApplicationELB HTTPCode_ELB_5XX_Count': ['LoadBalancer'],
  'AWS/ApplicationELB HTTPCode_Target_4XX_Count': ['LoadBalancer'],
  'AWS/ApplicationELB HTTPCode_Target_5XX_Count': ['LoadBalancer'],
  'AWS/ApplicationELB HealthyHostCount': ['LoadBalancer', 'TargetGroup'],
  'AWS/ApplicationELB RequestCount': ['LoadBalancer'],
  'AWS/CertificateManager DaysToExpiry': ['CertificateArn'],
  'AWS/ECS CPUUtilization': ['ClusterName', 'ServiceName'],
  'AWS/ECS MemoryUtilization': ['ClusterName', 'ServiceName'],
  'AWS/ElastiCache CurrConnections': ['CacheClusterId'],
  'AWS/ElastiCache DatabaseMemoryUsagePercentage': ['CacheClusterId'],
  'AWS/ElastiCache EngineCPUUtilization': ['CacheClusterId'],
  'AWS/ElastiCache Evictions': ['CacheClusterId'],
  'AWS/ElastiCache ReplicationLag': ['CacheClusterId'],
}
/** Published only where the cluster has Container Insights on. */
const INSIGHTS_METRICS: Readonly<Record<string, readonly string[]>> = {
  'ECS/ContainerInsights DesiredTaskCount': ['ClusterName', 'ServiceName'],
  'ECS/ContainerInsights RunningTaskCount': ['ClusterName', 'ServiceName'],
}
const cluster = z.object({
  ClusterSettings: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
})
const actions = z.object({
  AlarmActions: z.array(z.string()).default([]),
  TreatMissingData: z.string().optional(),
})

function emittedIn(stack: Stack): Readonly<Record<string, readonly string[]>> {
  const hasInsights = propertiesOf(stack, 'AWS::ECS::Cluster', cluster).some(
    ([, { ClusterSettings: settings }]) =>
      settings.some(({ Name, Value }) => Name === 'containerInsights' && /^(enabled|enhanced)$/.test(Value)),
  )
  const own = logMetricsOf(stack).map(({ namespace, name }) => [`${namespace} ${name}`, []] as const)
  return { ...AWS_METRICS, ...(hasInsights ? INSIGHTS_METRICS : {}), ...Object.fromEntries(own) }
}

function readIn(stack: Stack): ReadMetric[] {
  return [...metricsOfAlarms(stack), ...metricsOfDashboards(stack)]
}

export const METRIC_RULES: readonly Rule[] = [
  {
    title: 'reads only metrics that AWS or a metric filter emits, under their dimensions',
    problems: (stack) => {
      const emitted = emittedIn(stack)
      return readIn(stack)
        .filter(
          ({ namespace, name, dimensions }) =>
            emitted[`${namespace} ${name}`]?.join() !== [...dimensions].sort().join(),
        )
        .map(({ by, namespace, name, dimensions }) => `${by}: ${namespace} ${name} by ${dimensions.join()}`)
    },
    mutants: [
      {
        what: 'a misspelt dimension',
        at: 'Resources/NoHealthyTaskAlarm/Properties/Dimensions/TargetGroup/Name',
        to: 'Target',
      },
      {
        what: 'a metric that AWS does not have',
        at: 'Resources/BusyTasksAlarm/Properties/MetricName',
        to: 'CpuUsage',
      },
      {
        what: 'a filter with another name',
        at: 'Resources/RefusalsMetric/Properties/MetricTransformations/0/MetricName',
        to: 'Denials',
      },
      {
        what: 'no Container Insights',
        at: 'Resources/ConnectCluster/Properties/ClusterSettings/containerInsights/Value',
        to: 'disabled',
      },
      {
        what: 'a dashboard that is not JSON',
        at: 'Resources/ConnectDashboard/Properties/DashboardBody',
        to: '{"widgets":',
      },
    ],
  },
  {
    title: 'shows or watches every metric of the log',
    problems: (stack) => {
      const read = new Set(readIn(stack).map(({ namespace, name }) => `${namespace} ${name}`))
      return logMetricsOf(stack)
        .map(({ namespace, name }) => `${namespace} ${name}`)
        .filter((name) => !read.has(name))
    },
    mutants: [{ what: 'a metric without a reader', at: 'Resources/ConnectDashboard', to: undefined }],
  },
  {
    title: 'sends every alarm to the topic, and says what a missing value means',
    problems: (stack, template) => {
      // Only a stack with a topic has actions.
      const hasTopic = JSON.stringify(stack.resources).includes(':sns:')
      return [
        ...propertiesOf(stack, 'AWS::CloudWatch::Alarm', actions).flatMap(([name, alarm]) =>
          when(
            [hasTopic && !alarm.AlarmActions[0]?.includes(':sns:'), `${name}: no action`],
            [alarm.TreatMissingData === undefined, `${name}: missing data`],
          ),
        ),
        ...when([!('DeploymentFailedEvent' in template.Resources), 'a failed deployment is not told']),
      ]
    },
    mutants: [
      {
        what: 'an alarm without action',
        at: 'Resources/StoreCpuAlarm/Properties/AlarmActions',
        to: undefined,
      },
      {
        what: 'missing data is ignored',
        at: 'Resources/NoHealthyTaskAlarm/Properties/TreatMissingData',
        to: undefined,
      },
      { what: 'no event of failed deployments', at: 'Resources/DeploymentFailedEvent', to: undefined },
    ],
  },
]
