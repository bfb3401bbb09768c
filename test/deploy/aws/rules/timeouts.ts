import { parse } from 'yaml'
import { z } from 'zod'
import { readConfig } from '../../../../envoy/config.ts'
import { renderEnvoyConfig } from '../../../../envoy/render/render.ts'
import type { Stack } from '../support/evaluate.ts'
import { when, type Rule } from '../support/rule.ts'
import { containerOf, environmentOf, loadBalancer, propertiesOf, targetGroup } from '../support/views.ts'

const first = <Item extends z.ZodType>(item: Item) => z.tuple([item], z.unknown())
const seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => parseInt(text, 10))
/** Where envoy.yaml says how long an idle connection of a client lives. */
const envoyConfig = z.object({
  static_resources: z.object({
    listeners: first(
      z.object({
        filter_chains: first(
          z.object({
            filters: first(
              z.object({
                typed_config: z.object({ common_http_protocol_options: z.object({ idle_timeout: seconds }) }),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
})

/** Of Envoy as the template starts it. The only variable that changes it is ENVOY_TRUSTED_HOPS. */
const idleSecondsByHops = new Map<string, number>()

function clientIdleSeconds(stack: Stack): number {
  const variables = environmentOf(stack, containerOf(stack, 'envoy'))
  const hops = variables.ENVOY_TRUSTED_HOPS ?? ''
  const known = idleSecondsByHops.get(hops) ?? idleSecondsWith(variables)
  idleSecondsByHops.set(hops, known)
  return known
}

function idleSecondsWith(variables: Readonly<Record<string, string>>): number {
  const rendered = renderEnvoyConfig(readConfig(variables))
  const [listener] = envoyConfig.parse(parse(rendered)).static_resources.listeners
  return listener.filter_chains[0].filters[0].typed_config.common_http_protocol_options.idle_timeout
}

function balancerIdleSeconds(stack: Stack): number {
  const [found] = propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer', loadBalancer)
  return Number(found?.[1].LoadBalancerAttributes['idle_timeout.timeout_seconds'])
}

const AT_ENVOY = 'Resources/ConnectTaskDefinition/Properties/ContainerDefinitions/envoy'
const AT_THE_TARGETS = 'Resources/ConnectTargetGroup/Properties'

export const TIMEOUT_RULES: readonly Rule[] = [
  {
    title: 'lets the load balancer close an idle connection before Envoy does',
    problems: (stack) => {
      const [balancer, envoy] = [balancerIdleSeconds(stack), clientIdleSeconds(stack)]
      return when([envoy <= balancer, `Envoy closes after ${envoy} s, the load balancer after ${balancer} s`])
    },
    mutants: [
      {
        what: 'Envoy believes that clients reach it',
        at: `${AT_ENVOY}/Environment/ENVOY_TRUSTED_HOPS/Value`,
        to: '0',
      },
    ],
  },
  {
    title: 'gives Envoy the time to drain, and open requests as long before that',
    problems: (stack) => {
      const envoy = containerOf(stack, 'envoy')
      const variables = environmentOf(stack, envoy)
      const notice = Number(variables.ENVOY_DRAIN_NOTICE_SECONDS)
      const drain = Number(variables.ENVOY_DRAIN_SECONDS)
      const stop = envoy.StopTimeout ?? 0
      return [
        ...when([!(stop >= notice + drain), `stops after ${stop} s, drains for ${notice} and ${drain} s`]),
        ...propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup', targetGroup).flatMap(
          ([, group]) => {
            const delay = Number(group.TargetGroupAttributes['deregistration_delay.timeout_seconds'])
            const noticed = group.HealthCheckIntervalSeconds * group.UnhealthyThresholdCount
            return when(
              [!(delay >= drain && delay <= stop), `open requests have ${delay} s`],
              [
                !(notice >= noticed + group.HealthCheckTimeoutSeconds),
                `a failing health check counts after ${noticed} s`,
              ],
            )
          },
        ),
      ]
    },
    mutants: [
      { what: 'a shorter stop timeout', at: `${AT_ENVOY}/StopTimeout`, to: 100 },
      { what: 'a longer drain', at: `${AT_ENVOY}/Environment/ENVOY_DRAIN_SECONDS/Value`, to: '110' },
      { what: 'a slower health check', at: `${AT_THE_TARGETS}/HealthCheckIntervalSeconds`, to: 30 },
      {
        what: 'the default delay of 300 s',
        at: `${AT_THE_TARGETS}/TargetGroupAttributes/deregistration_delay.timeout_seconds`,
        to: undefined,
      },
    ],
  },
]
