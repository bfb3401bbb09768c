import { z } from 'zod'
import { when, type Rule } from '../support/rule.ts'
import { propertiesOf, resourcesOf, targetGroup, taskOf } from '../support/views.ts'

const SERVICE = 'AWS::ECS::Service'
const service = z.object({
  DesiredCount: z.number().optional(),
  EnableExecuteCommand: z.boolean().optional(),
  AvailabilityZoneRebalancing: z.string().optional(),
  PropagateTags: z.string().optional(),
  DeploymentConfiguration: z.object({
    MaximumPercent: z.number(),
    MinimumHealthyPercent: z.number(),
    DeploymentCircuitBreaker: z.object({ Enable: z.boolean(), Rollback: z.boolean() }).optional(),
  }),
  LoadBalancers: z.array(z.object({ ContainerName: z.string(), ContainerPort: z.number() })),
  NetworkConfiguration: z.object({ AwsvpcConfiguration: z.object({ AssignPublicIp: z.string() }) }),
})

const AT_THE_SERVICE = 'Resources/ConnectService/Properties'

export const SERVICE_RULES: readonly Rule[] = [
  {
    title: 'leads the load balancer to a port that Envoy’s container maps, once the listener is there',
    problems: (stack) => {
      const ports = taskOf(stack).ContainerDefinitions.flatMap(({ Name, PortMappings }) =>
        PortMappings.map(({ ContainerPort }) => `${Name}:${ContainerPort}`),
      )
      const [group] = propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup', targetGroup)
      const waits = resourcesOf(stack, SERVICE).flatMap(([, { DependsOn }]) => DependsOn)
      return [
        ...propertiesOf(stack, SERVICE, service).flatMap(([name, { LoadBalancers: balancers }]) =>
          balancers.flatMap(({ ContainerName, ContainerPort }) =>
            when(
              [
                !ports.includes(`${ContainerName}:${ContainerPort}`),
                `${name}: ${ContainerName}:${ContainerPort}`,
              ],
              [group?.[1].Port !== ContainerPort, `${name}: the target group has port ${group?.[1].Port}`],
            ),
          ),
        ),
        ...when([!waits.includes('ConnectListenerRule'), 'starts before its listener rule']),
      ]
    },
    mutants: [
      { what: 'another container', at: `${AT_THE_SERVICE}/LoadBalancers/0/ContainerName`, to: 'authz' },
      { what: 'another port', at: `${AT_THE_SERVICE}/LoadBalancers/0/ContainerPort`, to: 9000 },
      { what: 'the listener rule may come later', at: 'Resources/ConnectService/DependsOn', to: undefined },
    ],
  },
  {
    title:
      'deploys without less capacity, takes a failed deployment back, and lets no person into a container',
    problems: (stack) =>
      propertiesOf(stack, SERVICE, service).flatMap(([, properties]) => {
        const { DeploymentConfiguration: deployment } = properties
        const { DeploymentCircuitBreaker: breaker } = deployment
        return when(
          [deployment.MinimumHealthyPercent < 100, 'tasks stop before new ones are healthy'],
          [deployment.MaximumPercent < 200, 'new tasks do not fit beside the old ones'],
          [breaker?.Enable !== true || !breaker.Rollback, 'a failed deployment stays'],
          [properties.DesiredCount !== undefined, 'a stack update would undo autoscaling'],
          [properties.AvailabilityZoneRebalancing !== 'ENABLED', 'tasks may gather in one zone'],
          [properties.EnableExecuteCommand !== false, 'ECS Exec is on'],
          [properties.PropagateTags !== 'SERVICE', 'tasks have no tags'],
          [
            properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp !== 'DISABLED',
            'public addresses',
          ],
        )
      }),
    mutants: [
      {
        what: 'half of the capacity',
        at: `${AT_THE_SERVICE}/DeploymentConfiguration/MinimumHealthyPercent`,
        to: 50,
      },
      {
        what: 'no room for new tasks',
        at: `${AT_THE_SERVICE}/DeploymentConfiguration/MaximumPercent`,
        to: 100,
      },
      {
        what: 'no rollback',
        at: `${AT_THE_SERVICE}/DeploymentConfiguration/DeploymentCircuitBreaker/Rollback`,
        to: false,
      },
      { what: 'a number of tasks', at: `${AT_THE_SERVICE}/DesiredCount`, to: 2 },
      { what: 'no rebalancing', at: `${AT_THE_SERVICE}/AvailabilityZoneRebalancing`, to: 'DISABLED' },
      { what: 'ECS Exec', at: `${AT_THE_SERVICE}/EnableExecuteCommand`, to: true },
      { what: 'no tags', at: `${AT_THE_SERVICE}/PropagateTags`, to: undefined },
      {
        what: 'public addresses',
        at: `${AT_THE_SERVICE}/NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp`,
        to: 'ENABLED',
      },
    ],
  },
]
