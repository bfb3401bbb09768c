import { z } from 'zod'
import { when, type Rule } from '../support/rule.ts'
import { loadBalancer, propertiesOf, targetGroup } from '../support/views.ts'

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer'
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener'

/** CloudFormation takes any text here, and the deployment fails half-way. */
const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  'idle_timeout.timeout_seconds': /^([1-9]\d{0,2}|[1-3]\d{3}|4000)$/,
  'routing.http.drop_invalid_header_fields.enabled': /^true$/,
  'routing.http.desync_mitigation_mode': /^strictest$/,
  'routing.http.preserve_host_header.enabled': /^true$/,
  'routing.http.xff_header_processing.mode': /^append$/,
  'routing.http.xff_client_port.enabled': /^false$/,
  'waf.fail_open.enabled': /^false$/,
  'deletion_protection.enabled': /^(true|false)$/,
  'access_logs.s3.enabled': /^(true|false)$/,
}
const OPTIONAL_ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  'access_logs.s3.bucket': /./,
  'access_logs.s3.prefix': /./,
}

const listener = z.object({
  Port: z.number(),
  Protocol: z.string(),
  SslPolicy: z.string().optional(),
  DefaultActions: z.array(z.object({ Type: z.string() })),
})
const listenerRule = z.object({
  Conditions: z.array(
    z.object({ Field: z.string(), HostHeaderConfig: z.object({ Values: z.array(z.string()) }) }),
  ),
})

const AT_THE_BALANCER = 'Resources/ConnectLoadBalancer/Properties/LoadBalancerAttributes'

export const LOAD_BALANCER_RULES: readonly Rule[] = [
  {
    title: 'gives the load balancer attributes that it knows, each with the strict value',
    problems: (stack) =>
      propertiesOf(stack, LOAD_BALANCER, loadBalancer).flatMap(([, { LoadBalancerAttributes: set }]) => [
        ...Object.keys(ATTRIBUTES).filter((key) => !(key in set)),
        ...Object.entries(set)
          .filter(([key, value]) => !({ ...ATTRIBUTES, ...OPTIONAL_ATTRIBUTES }[key]?.test(value) ?? false))
          .map(([key, value]) => `${key}=${value}`),
      ]),
    mutants: [
      {
        what: 'invalid header names are passed on',
        at: `${AT_THE_BALANCER}/routing.http.drop_invalid_header_fields.enabled/Value`,
        to: 'false',
      },
      {
        what: 'desync is only watched',
        at: `${AT_THE_BALANCER}/routing.http.desync_mitigation_mode/Value`,
        to: 'monitor',
      },
      {
        what: 'a misspelt attribute',
        at: `${AT_THE_BALANCER}/routing.http.desync_mitigation_mode/Key`,
        to: 'routing.http.desync',
      },
      {
        what: 'a longer idle timeout than AWS has',
        at: `${AT_THE_BALANCER}/idle_timeout.timeout_seconds/Value`,
        to: '5000',
      },
      {
        what: 'X-Forwarded-For of the client is kept',
        at: `${AT_THE_BALANCER}/routing.http.xff_header_processing.mode/Value`,
        to: 'preserve',
      },
      {
        what: 'requests pass while the firewall is down',
        at: `${AT_THE_BALANCER}/waf.fail_open.enabled/Value`,
        to: 'true',
      },
      {
        what: 'an attribute is left at its default',
        at: `${AT_THE_BALANCER}/routing.http.preserve_host_header.enabled`,
        to: undefined,
      },
    ],
  },
  {
    title: 'speaks TLS 1.3 with post-quantum key exchange, and answers 404 unless a rule matches',
    problems: (stack) =>
      propertiesOf(stack, LISTENER, listener).flatMap(
        ([name, { Port, Protocol, SslPolicy = '', DefaultActions }]) =>
          when(
            [Protocol !== 'HTTPS' || Port !== 443, `${name}: ${Protocol} at ${Port}`],
            [
              !/^ELBSecurityPolicy-TLS13-1-2-Res(-FIPS)?-PQ-2025-09$/.test(SslPolicy),
              `${name}: ${SslPolicy}`,
            ],
            [DefaultActions.some(({ Type }) => Type !== 'fixed-response'), `${name}: forwards every host`],
          ),
      ),
    mutants: [
      {
        what: 'an old policy',
        at: 'Resources/ConnectListener/Properties/SslPolicy',
        to: 'ELBSecurityPolicy-2016-08',
      },
      {
        what: 'the policy that CloudFormation chooses',
        at: 'Resources/ConnectListener/Properties/SslPolicy',
        to: undefined,
      },
      { what: 'plain HTTP', at: 'Resources/ConnectListener/Properties/Protocol', to: 'HTTP' },
      {
        what: 'every host is forwarded',
        at: 'Resources/ConnectListener/Properties/DefaultActions/0',
        to: { Type: 'forward', TargetGroupArn: { Ref: 'ConnectTargetGroup' } },
      },
    ],
  },
  {
    title: 'forwards only requests for the Connect host',
    problems: (stack) =>
      propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::ListenerRule', listenerRule).flatMap(
        ([name, { Conditions: conditions }]) => {
          const hosts = conditions.flatMap(({ HostHeaderConfig: { Values } }) => Values)
          return when([hosts.join() !== stack.outputs.ConnectHost, `${name}: ${hosts.join()}`])
        },
      ),
    mutants: [
      {
        what: 'a wildcard host',
        at: 'Resources/ConnectListenerRule/Properties/Conditions/0/HostHeaderConfig/Values/0',
        to: '*.example.com',
      },
    ],
  },
  {
    title: 'checks the health of tasks at the path that Envoy answers itself',
    problems: (stack) =>
      propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup', targetGroup).flatMap(
        ([name, { HealthCheckPath: path }]) => when([path !== '/healthz', `${name}: ${path}`]),
      ),
    mutants: [
      {
        what: 'a page of consent-ui',
        at: 'Resources/ConnectTargetGroup/Properties/HealthCheckPath',
        to: '/connect/apps',
      },
    ],
  },
]
