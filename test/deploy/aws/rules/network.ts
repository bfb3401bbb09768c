import { z } from 'zod'
import type { Stack } from '../support/evaluate.ts'
import { when, type Rule } from '../support/rule.ts'
import { containerOf, loadBalancer, propertiesOf } from '../support/views.ts'

const traffic = z.object({
  GroupId: z.string().optional(),
  IpProtocol: z.string(),
  FromPort: z.number().optional(),
  ToPort: z.number().optional(),
  CidrIp: z.string().optional(),
  CidrIpv6: z.string().optional(),
  SourcePrefixListId: z.string().optional(),
  SourceSecurityGroupId: z.string().optional(),
})
const group = z.object({
  SecurityGroupIngress: z.array(traffic).default([]),
  SecurityGroupEgress: z.array(traffic).optional(),
})

interface Ingress {
  readonly name: string
  /** The group that lets it in, as a mark. */
  readonly into: string
  readonly rule: z.output<typeof traffic>
}

const HTTPS = 443
const TASKS = '<ConnectTasksSecurityGroup>'
const NOTHING = '127.0.0.1/32'

function ingressOf(stack: Stack): Ingress[] {
  const own = propertiesOf(stack, 'AWS::EC2::SecurityGroupIngress', traffic)
  const inline = propertiesOf(stack, 'AWS::EC2::SecurityGroup', group)
  return [
    ...own.map(([name, rule]) => ({ name, into: rule.GroupId ?? '', rule })),
    ...inline.flatMap(([name, { SecurityGroupIngress: rules }]) =>
      rules.map((rule) => ({ name, into: `<${name}>`, rule })),
    ),
  ]
}

export const NETWORK_RULES: readonly Rule[] = [
  {
    title: 'lets addresses in at port 443 of the load balancer only, other groups at one port',
    problems: (stack) => {
      const [balancer] = propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer', loadBalancer)
      return ingressOf(stack).flatMap(({ name, into, rule }) => {
        const isOpen = (rule.CidrIp ?? rule.CidrIpv6 ?? rule.SourcePrefixListId) !== undefined
        return when(
          [rule.IpProtocol !== 'tcp', `${name}: protocol ${rule.IpProtocol}`],
          [rule.FromPort !== rule.ToPort, `${name}: ports ${rule.FromPort} to ${rule.ToPort}`],
          [
            isOpen && balancer?.[1].SecurityGroups.includes(into) !== true,
            `${name}: addresses reach ${into}`,
          ],
          [isOpen && rule.FromPort !== HTTPS, `${name}: addresses reach port ${rule.FromPort}`],
        )
      })
    },
    mutants: [
      {
        what: 'every address reaches Envoy',
        at: 'Resources/ConnectTasksIngressFromElb/Properties',
        to: {
          GroupId: { Ref: 'ConnectTasksSecurityGroup' },
          IpProtocol: 'tcp',
          FromPort: 443,
          ToPort: 443,
          CidrIp: '0.0.0.0/0',
        },
      },
      { what: 'every protocol', at: 'Resources/ConnectElbIngress/Properties/IpProtocol', to: '-1' },
      { what: 'a range of ports', at: 'Resources/ConnectElbIngress/Properties/ToPort', to: 65_535 },
      {
        what: 'another port of the load balancer',
        at: 'Resources/ConnectElbIngress/Properties',
        to: {
          GroupId: { Ref: 'ConnectElbSecurityGroup' },
          IpProtocol: 'tcp',
          FromPort: 80,
          ToPort: 80,
          CidrIp: '0.0.0.0/0',
        },
      },
    ],
  },
  {
    title: 'lets only the load balancer reach the tasks, at the port of Envoy',
    problems: (stack) => {
      const port = containerOf(stack, 'envoy').PortMappings[0]?.ContainerPort
      const rules = ingressOf(stack).filter(({ into }) => into === TASKS)
      return [
        ...when([rules.length !== 1, `${rules.length} rules let traffic in`]),
        ...rules.flatMap(({ name, rule }) =>
          when(
            [rule.SourceSecurityGroupId !== '<ConnectElbSecurityGroup>', `${name}: from elsewhere`],
            [rule.FromPort !== port, `${name}: port ${rule.FromPort}`],
          ),
        ),
      ]
    },
    mutants: [
      {
        what: 'another group may reach Envoy',
        at: 'Resources/ConnectTasksIngressFromElb/Properties/SourceSecurityGroupId',
        to: { Ref: 'RedisSecurityGroup' },
      },
      {
        what: 'the load balancer has no way to Envoy',
        at: 'Resources/ConnectTasksIngressFromElb',
        to: undefined,
      },
      {
        what: 'Envoy listens on another port',
        at: 'Resources/ConnectTaskDefinition/Properties/ContainerDefinitions/envoy/PortMappings/0/ContainerPort',
        to: 9000,
      },
    ],
  },
  {
    title: 'names the egress of every security group; addresses elsewhere are reached by https only',
    problems: (stack) =>
      propertiesOf(stack, 'AWS::EC2::SecurityGroup', group).flatMap(
        ([name, { SecurityGroupEgress: rules }]) =>
          // EC2 adds "everything" to a group without a rule.
          rules === undefined || rules.length === 0
            ? [`${name}: EC2 lets everything out`]
            : rules.flatMap((rule) =>
                when([
                  rule.CidrIp !== NOTHING &&
                    !(rule.IpProtocol === 'tcp' && rule.FromPort === HTTPS && rule.ToPort === HTTPS),
                  `${name}: ${rule.IpProtocol} ${rule.FromPort} to ${rule.ToPort} at ${rule.CidrIp}`,
                ]),
              ),
      ),
    mutants: [
      {
        what: 'no egress named',
        at: 'Resources/RedisSecurityGroup/Properties/SecurityGroupEgress',
        to: undefined,
      },
      {
        what: 'every port',
        at: 'Resources/ConnectTasksSecurityGroup/Properties/SecurityGroupEgress/0/FromPort',
        to: 0,
      },
    ],
  },
]
