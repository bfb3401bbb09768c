import assert from 'node:assert/strict'
import { CONNECT_TEMPLATE } from '../deploy/aws/support/connect-template.ts'
import { evaluate } from '../deploy/aws/support/evaluate.ts'
import { isList, isObject, type Json } from '../deploy/aws/support/json.ts'
import { PARAMETER_SETS } from '../deploy/aws/support/parameter-sets.ts'
import type { ResourceDefinition } from '../deploy/aws/support/template.ts'
import { beforeAll } from '../support/before-all.ts'
import { until } from '../support/until.ts'
import { startMiniStack, type MiniStack } from './support/ministack.ts'

/** Types that MiniStack 1.5.33 refuses by name. Take one out when it learns it. */
const UNKNOWN_TYPES = [
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::WAFv2::WebACLAssociation',
]
const MAX_INSTALLATION_MS = 5 * 60_000

const { minimal, everything, internal } = PARAMETER_SETS
const subnet = (index: number) => ({
  Type: 'AWS::EC2::Subnet',
  Properties: {
    VpcId: { Ref: 'VPC' },
    CidrBlock: `10.0.${index}.0/24`,
    AvailabilityZone: `us-east-1${'ab'[index % 2]}`,
  },
})
/** What is there before Connect. */
const NETWORK = JSON.stringify({
  Resources: {
    VPC: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    Subnet0: subnet(0),
    Subnet1: subnet(1),
    Group: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'Offices', VpcId: { Ref: 'VPC' } },
    },
    Zone: { Type: 'AWS::Route53::HostedZone', Properties: { Name: 'example.com' } },
  },
  Outputs: Object.fromEntries(
    ['VPC', 'Subnet0', 'Subnet1', 'Group', 'Zone'].map((name) => [name, { Value: { Ref: name } }]),
  ),
})
const RESOURCES = Object.fromEntries(
  Object.entries(CONNECT_TEMPLATE.Resources).filter(([, resource]) => isKnown(resource)),
)
/**
 * The template in JSON, without what MiniStack does not know. Without texts for people it is below the 51,200 bytes of a
 * request. MiniStack gives numbers on as text, so they are filled in.
 */
const TEMPLATE = JSON.stringify({
  ...CONNECT_TEMPLATE,
  Metadata: {},
  Rules: {},
  Parameters: Object.fromEntries(
    Object.entries(CONNECT_TEMPLATE.Parameters).map(([name, { Type, Default }]) => [name, { Type, Default }]),
  ),
  Resources: withNumbers(JSON.parse(JSON.stringify(RESOURCES)) as Json),
})

/** MiniStack knows alarms on one metric only. */
function isKnown({ Type, Properties = {} }: Pick<ResourceDefinition, 'Type' | 'Properties'>): boolean {
  return !UNKNOWN_TYPES.includes(Type) && !('Metrics' in Properties)
}

function withNumbers(value: Json): Json {
  if (isList(value)) return value.map(withNumbers)
  if (!isObject(value)) return value
  const { Type, Default } = CONNECT_TEMPLATE.Parameters[typeof value.Ref === 'string' ? value.Ref : ''] ?? {}
  if (Type === 'Number' && Default !== undefined) return Default
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withNumbers(item)]))
}

async function create(
  { cloudFormation }: MiniStack,
  name: string,
  { template, given }: { readonly template: string; readonly given: Readonly<Record<string, string>> },
): Promise<string> {
  const parameters = Object.entries(given).flatMap(([key, value], index) => [
    [`Parameters.member.${index + 1}.ParameterKey`, key],
    [`Parameters.member.${index + 1}.ParameterValue`, value],
  ])
  const created = await cloudFormation('CreateStack', {
    StackName: name,
    TemplateBody: template,
    OnFailure: 'DO_NOTHING',
    'Capabilities.member.1': 'CAPABILITY_IAM',
    ...(Object.fromEntries(parameters) as Record<string, string>),
  })
  assert.match(created, /<StackId>/, created.slice(-500))
  let described = ''
  await until(async () => {
    described = await cloudFormation('DescribeStacks', { StackName: name })
    return !described.includes('_IN_PROGRESS</StackStatus>')
  }, 'the stack')
  return described
}

function all(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text = '']) => text)
}

describe('The CloudFormation template in MiniStack', function () {
  this.timeout(MAX_INSTALLATION_MS)

  const ministack = beforeAll(startMiniStack)
  const network: Record<string, string> = {}

  before(async () => {
    const described = await create(ministack, 'network', { template: NETWORK, given: {} })
    const values = all(described, 'OutputValue')
    all(described, 'OutputKey').forEach((key, index) => (network[key] = values[index] ?? ''))
  })

  /** The parameters, with what this network has. */
  function within(given: Readonly<Record<string, string>>): Record<string, string> {
    const { VPC = '', Subnet0, Subnet1, Group = '', Zone = '' } = network
    const own: Readonly<Record<string, string>> = {
      VPC,
      Subnets: `${Subnet0},${Subnet1}`,
      PublicSubnets: `${Subnet0},${Subnet1}`,
      UserSubnets: `${Subnet0},${Subnet1}`,
      ConnectSecurityGroup: Group,
      HostedZoneId: Zone,
    }
    return Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value === '' ? '' : (own[name] ?? value)]),
    )
  }

  for (const [name, given] of Object.entries({ minimal, internal, everything })) {
    it(`is created whole (${name})`, async () => {
      const described = await create(ministack, name, { template: TEMPLATE, given: within(given) })
      const events = await ministack.cloudFormation('DescribeStackEvents', { StackName: name })
      assert.deepEqual(
        all(described, 'StackStatus'),
        ['CREATE_COMPLETE'],
        all(events, 'ResourceStatusReason').filter(Boolean).join('\n'),
      )
      const { resources, outputs } = evaluate(CONNECT_TEMPLATE, given)
      const expected = Object.entries(resources).filter(([, resource]) => isKnown(resource))
      const listed = await ministack.cloudFormation('ListStackResources', { StackName: name })
      assert.deepEqual(all(listed, 'LogicalResourceId').sort(), expected.map(([resource]) => resource).sort())
      assert.deepEqual(all(described, 'OutputKey').sort(), Object.keys(outputs).sort())
    })
  }

  it('creates nothing and has no output without ConnectAllowedHosts', async () => {
    const given = { ...within(minimal), ConnectAllowedHosts: '' }
    const described = await create(ministack, 'off', { template: TEMPLATE, given })
    assert.deepEqual(all(described, 'StackStatus'), ['CREATE_COMPLETE'])
    assert.deepEqual(all(described, 'OutputKey'), [])
    assert.deepEqual(
      all(await ministack.cloudFormation('ListStackResources', { StackName: 'off' }), 'ResourceType'),
      [],
    )
  })

  it(`does without ${UNKNOWN_TYPES.join(', ')}, which MiniStack does not know`, async () => {
    const types = new Set(Object.values(CONNECT_TEMPLATE.Resources).map(({ Type }) => Type))
    const resources = Object.fromEntries([...types].map((Type, index) => [`It${index}`, { Type }]))
    const TemplateBody = JSON.stringify({ Resources: resources })
    const refused = await ministack.cloudFormation('CreateStack', { StackName: 'every-type', TemplateBody })
    const [, unknown = ''] = /Unrecognized resource types: \[([^\]]*)\]/.exec(refused) ?? []
    assert.deepEqual(unknown.split(', ').sort(), UNKNOWN_TYPES)
  })
})
