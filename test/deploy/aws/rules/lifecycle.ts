import { evaluate, type Stack } from '../support/evaluate.ts'
import { PARAMETER_SETS } from '../support/parameter-sets.ts'
import { when, type Rule } from '../support/rule.ts'
import type { Template } from '../support/template.ts'

/** Types that take no tags. */
const WITHOUT_TAGS = new Set([
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::CloudWatch::Dashboard',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::ListenerRule',
  'AWS::Events::Rule',
  'AWS::Logs::MetricFilter',
  'AWS::Route53::RecordSet',
  'AWS::WAFv2::WebACLAssociation',
])

function whenOff(template: Template): Stack {
  return evaluate(template, { ...PARAMETER_SETS.everything, ConnectAllowedHosts: '' })
}

export const LIFECYCLE_RULES: readonly Rule[] = [
  {
    title: 'creates nothing while ConnectAllowedHosts is empty',
    problems: (_stack, template) => {
      const { resources, outputs } = whenOff(template)
      return Object.keys({ ...resources, ...outputs })
    },
    mutants: [
      { what: 'a resource without condition', at: 'Resources/ConnectLogGroup/Condition', to: undefined },
      { what: 'an output without condition', at: 'Outputs/ConnectHost/Condition', to: undefined },
    ],
  },
  {
    title: 'gives what outlives the stack no name, which would stop the next creation',
    problems: (stack) =>
      Object.entries(stack.resources)
        .filter(([, { DeletionPolicy, Properties }]) => {
          const isKept = DeletionPolicy === 'Retain' || DeletionPolicy === 'Snapshot'
          return (
            isKept && Object.keys(Properties).some((name) => /^(LogGroupName|ReplicationGroupId)$/.test(name))
          )
        })
        .map(([name]) => name),
    mutants: [
      {
        what: 'a named log group',
        at: 'Resources/ConnectLogGroup/Properties/LogGroupName',
        to: '/quilt/connect',
      },
      { what: 'a named store', at: 'Resources/Redis/Properties/ReplicationGroupId', to: 'connect' },
    ],
  },
  {
    title: 'tags every resource that takes tags',
    problems: (stack) =>
      Object.entries(stack.resources).flatMap(([name, { Type, Properties }]) =>
        when([
          !WITHOUT_TAGS.has(Type) && !JSON.stringify(Properties.Tags ?? '').includes('quilt-connect'),
          `${name} (${Type})`,
        ]),
      ),
    mutants: [{ what: 'no tags', at: 'Resources/ConnectLoadBalancer/Properties/Tags', to: undefined }],
  },
  {
    title: 'keeps the log for a limited time',
    problems: (stack) =>
      Object.entries(stack.resources)
        .filter(
          ([, { Type, Properties }]) =>
            Type === 'AWS::Logs::LogGroup' && typeof Properties.RetentionInDays !== 'number',
        )
        .map(([name]) => name),
    mutants: [
      { what: 'for ever', at: 'Resources/ConnectLogGroup/Properties/RetentionInDays', to: undefined },
    ],
  },
]
