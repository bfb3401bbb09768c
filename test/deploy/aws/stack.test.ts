import assert from 'node:assert/strict'
import { CONNECT_TEMPLATE } from './support/connect-template.ts'
import { evaluate } from './support/evaluate.ts'
import { GOVCLOUD, PARAMETER_SETS } from './support/parameter-sets.ts'

const { minimal } = PARAMETER_SETS
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
})
