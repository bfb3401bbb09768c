import assert from 'node:assert/strict'
import { z } from 'zod'
import { CONNECT_TEMPLATE } from './support/connect-template.ts'
import { evaluate, type Stack } from './support/evaluate.ts'
import { GOVCLOUD, PARAMETER_SETS } from './support/parameter-sets.ts'
import { loadBalancer, propertiesOf, resourcesOf } from './support/views.ts'

const { minimal, internal, everything, 'existing store': existingStore } = PARAMETER_SETS
const listener = z.object({ Certificates: z.array(z.object({ CertificateArn: z.string() })) })
const names = (stack: Stack): string[] => Object.keys(stack.resources)

function balancerOf(stack: Stack): z.output<typeof loadBalancer> {
  const [found] = propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer', loadBalancer)
  assert.ok(found !== undefined)
  return found[1]
}

function certificatesOf(stack: Stack): string[] {
  const [found] = propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::Listener', listener)
  return found?.[1].Certificates.map(({ CertificateArn: arn }) => arn) ?? []
}

const OUTPUTS = [
  'ConnectHost',
  'ConnectLoadBalancerDNSName',
  'ConnectLoadBalancerCanonicalHostedZoneID',
  'PlatformMcpServerUrl',
]

describe('The CloudFormation template', () => {
  for (const [name, given] of Object.entries(PARAMETER_SETS)) {
    it(`creates nothing and has no output without ConnectAllowedHosts (${name})`, () => {
      const stack = evaluate(CONNECT_TEMPLATE, { ...given, ConnectAllowedHosts: '' })
      assert.deepEqual(stack, { resources: {}, outputs: {}, exports: {} })
    })

    it(`has exactly the documented outputs, exported by the names that Quilt uses (${name})`, () => {
      const { outputs, exports } = evaluate(CONNECT_TEMPLATE, given)
      assert.deepEqual(Object.keys(outputs), OUTPUTS)
      assert.deepEqual(
        exports,
        Object.fromEntries(OUTPUTS.map((output) => [output, `quilt-connect-${output}`])),
      )
    })
  }

  it('tells the URL of the Platform MCP Server and where its DNS record leads', () => {
    assert.deepEqual(evaluate(CONNECT_TEMPLATE, minimal).outputs, {
      ConnectHost: 'quilt-connect.example.com',
      ConnectLoadBalancerDNSName: '<ConnectLoadBalancer.DNSName>',
      ConnectLoadBalancerCanonicalHostedZoneID: '<ConnectLoadBalancer.CanonicalHostedZoneID>',
      PlatformMcpServerUrl: 'https://quilt-connect.example.com/mcp/platform/mcp',
    })
  })

  it('names no other partition and no other region than its own', () => {
    const { resources } = evaluate(CONNECT_TEMPLATE, GOVCLOUD.given, GOVCLOUD.pseudo)
    const named = JSON.stringify(resources).match(/arn:aws:[^"]*|(?<![-\w])[a-z]{2}-[a-z]+-\d[^"]*/g)
    assert.equal(named, null)
  })

  it('has an internet-facing load balancer in PublicSubnets, open to every address without ConnectSecurityGroup', () => {
    const stack = evaluate(CONNECT_TEMPLATE, minimal)
    const {
      Scheme: scheme,
      Subnets: subnets,
      SecurityGroups: groups,
      IpAddressType: type,
    } = balancerOf(stack)
    assert.deepEqual(
      [scheme, type, subnets],
      ['internet-facing', 'ipv4', ['subnet-public1', 'subnet-public2']],
    )
    assert.deepEqual(groups, ['<ConnectElbSecurityGroup>'])
    assert.ok(names(stack).includes('ConnectElbIngress'))
    assert.deepEqual(certificatesOf(stack), [minimal.CertificateArnELB])
  })

  it('has an internal load balancer in UserSubnets, which admits only ConnectSecurityGroup and has its own certificate', () => {
    const stack = evaluate(CONNECT_TEMPLATE, internal)
    const { Scheme: scheme, Subnets: subnets, SecurityGroups: groups } = balancerOf(stack)
    assert.deepEqual([scheme, subnets], ['internal', ['subnet-user1', 'subnet-user2']])
    assert.deepEqual(groups, ['<ConnectElbSecurityGroup>', internal.ConnectSecurityGroup])
    assert.deepEqual(
      names(stack).filter((name) => name.startsWith('ConnectElbIngress')),
      [],
    )
    assert.deepEqual(certificatesOf(stack), [internal.CertificateArnConnect])
  })

  it('has records, web ACL, IPv6 and the event of failed deployments only when asked', () => {
    const optional = [
      'ConnectRecord',
      'ConnectRecordIpv6',
      'ConnectWebAclAssociation',
      'ConnectElbIngressIpv6',
      'DeploymentFailedEvent',
    ]
    const [few, all] = [
      names(evaluate(CONNECT_TEMPLATE, minimal)),
      names(evaluate(CONNECT_TEMPLATE, everything)),
    ]
    assert.deepEqual(
      optional.filter((name) => few.includes(name)),
      [],
    )
    assert.deepEqual(
      optional.filter((name) => !all.includes(name)),
      [],
    )
    assert.equal(balancerOf(evaluate(CONNECT_TEMPLATE, everything)).IpAddressType, 'dualstack')
  })

  it('creates no store beside an existing one', () => {
    const stack = evaluate(CONNECT_TEMPLATE, existingStore)
    assert.deepEqual(resourcesOf(stack, 'AWS::ElastiCache::ReplicationGroup'), [])
    assert.deepEqual(
      names(stack).filter((name) => /^(Redis|Store(Cpu|Memory|Evictions|ReplicationLag))/.test(name)),
      [],
    )
  })

  for (const [what, changes, reason] of [
    ['no subnets for the load balancer', { PublicSubnets: '' }, /PublicSubnets .* or UserSubnets/],
    [
      'an issuer without client id',
      { OidcIssuer: 'https://login.example.com' },
      /OidcIssuer and OidcClientId/,
    ],
    ['exchange without its values', { QuiltCredentialSource: 'exchange' }, /TokenExchangeUrl/],
    [
      'a snapshot beside an existing store',
      { RedisUrl: 'rediss://redis.example.com:6379', RedisSnapshotName: 'daily' },
      /RedisSnapshotName/,
    ],
    ['an ARN of another kind', { ConnectSecretArn: 'arn:aws:s3:::bucket' }, /ConnectSecretArn/],
    ['the tag latest', { ImageTag: 'latest' }, /ImageTag/],
    ['a store without TLS', { RedisUrl: 'redis://redis.example.com:6379' }, /RedisUrl/],
    ['a Registry without TLS', { QuiltRegistryUrl: 'http://registry.example.com' }, /QuiltRegistryUrl/],
  ] as const) {
    it(`refuses ${what} before anything is created`, () => {
      assert.throws(() => evaluate(CONNECT_TEMPLATE, { ...minimal, ...changes }), reason)
    })
  }
})
