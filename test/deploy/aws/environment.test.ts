import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readConfig as readAuthz } from '../../../authz/config.ts'
import { readConfig as readConsentUi } from '../../../consent-ui/config/config.ts'
import { readConfig as readEnvoy } from '../../../deploy/container/config.ts'
import { keyList, newKey } from '../../consent-ui/support/settings.ts'
import { problemsOf, variablesOf, type ReadConfig } from '../../support/variables-of.ts'
import { CONNECT_TEMPLATE } from './support/connect-template.ts'
import { evaluate } from './support/evaluate.ts'
import { PARAMETER_SETS } from './support/parameter-sets.ts'
import { containerOf, environmentOf, loadBalancer, propertiesOf } from './support/views.ts'

const READERS: Readonly<Record<string, ReadConfig>> = {
  authz: readAuthz,
  'consent-ui': readConsentUi,
  envoy: readEnvoy,
}
/** Variables that the template leaves at their default: change the template to set one. */
const LEFT_AT_DEFAULT: Readonly<Record<string, readonly string[]>> = {
  authz: [
    'METRICS_LISTEN',
    'AUDIT_REQUIRED',
    'RATE_LIMIT_EXEMPT',
    'REDIS_PLAINTEXT',
    'REGISTRY_OUTAGE_MAX_SECONDS',
    'SESSION_CACHE_SIZE',
    'STORE_OUTAGE_GRACE_SECONDS',
    'STREAM_MAX_SECONDS',
  ],
  'consent-ui': [
    'ACCESS_TOKEN_SECONDS',
    'AUDIT_REQUIRED',
    'CONNECT_CLIENT_ADDRESSES',
    'CONNECT_CLIENT_HOSTS',
    'CONNECT_EGRESS_RANGES',
    'CONSENT_UI_LISTEN_ANYWHERE',
    'METRICS_LISTEN',
    'RATE_LIMIT_AUTHORIZE',
    'RATE_LIMIT_AUTHORIZE_PER_CLIENT',
    'RATE_LIMIT_CALLER_FAILURES',
    'RATE_LIMIT_CODE_GUESSES',
    'RATE_LIMIT_CODE_GUESSES_PER_CLIENT',
    'RATE_LIMIT_EXEMPT',
    'RATE_LIMIT_OPEN_TRANSACTIONS',
    'RATE_LIMIT_PAGES',
    'RATE_LIMIT_PASTED_CODES',
    'RATE_LIMIT_PASTED_CODES_PER_CLIENT',
    'RATE_LIMIT_REGISTER',
    'RATE_LIMIT_TOKEN_FAILURES',
    'RATE_LIMIT_TOKEN_FAILURES_PER_CLIENT',
    'REDIS_PLAINTEXT',
    'SESSION_DAYS',
    'SESSION_IDLE_DAYS',
    'UNSIGNED_RECORDS_UNTIL',
  ],
  envoy: ['ENVOY_BIN', 'ENVOY_TRUSTED_CA', 'METRICS_LISTEN'],
}

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
/** What Secrets Manager and the parameters have in place of the marks of the tests. */
const SECRETS: Readonly<Record<string, string>> = {
  AUDIT_KEYS: keyList(newKey('audit', 'a')),
  AUDIT_LOG_HEADERS: '{"authorization":"Bearer a-token"}',
  CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'a')),
  CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'a')),
  CONNECT_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] }),
  REDIS_PASSWORD: 'a password of the store',
  NOTICE_SMTP_URL: 'smtps://quilt:secret@smtp.example.com',
  NOTICE_WEBHOOK_URL: 'https://hooks.example.com/x',
  OIDC_CLIENT_SECRET: 'a client secret',
  QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: 'another client secret',
}

/** The environment of a container as ECS gives it, with hosts and secrets in place of marks. */
function environmentIn(given: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const stack = evaluate(CONNECT_TEMPLATE, given)
  const container = containerOf(stack, name)
  const variables = Object.entries(environmentOf(stack, container))
  const secrets = container.Secrets.map((secret) => [secret.Name, SECRETS[secret.Name] ?? ''] as const)
  return Object.fromEntries(
    [...variables, ...secrets].map(([variable, value]) => [
      variable,
      variable === 'CONNECT_PUBLIC_KEYS'
        ? (SECRETS[variable] ?? '')
        : value.replace(/<[\w.]+>/, 'redis.example.com'),
    ]),
  )
}

function isFile(variable: string): boolean {
  return variable.endsWith('_FILE')
}

for (const [name, read] of Object.entries(READERS)) {
  describe(`The environment of the container ${name}`, () => {
    const known = variablesOf(read).filter((variable) => !isFile(variable))

    it('has every variable that the process reads, but those left at their default, and no other', () => {
      const { Environment: variables, Secrets: secrets } = containerOf(
        evaluate(CONNECT_TEMPLATE, PARAMETER_SETS.everything),
        name,
      )
      const set = [...variables, ...secrets].map((each) => each.Name)
      assert.deepEqual([...set, ...(LEFT_AT_DEFAULT[name] ?? [])].sort(), [...new Set(known)].sort())
    })

    for (const [title, given] of Object.entries(PARAMETER_SETS)) {
      it(`is one with which the process starts (${title})`, () => {
        assert.deepEqual(problemsOf(read, environmentIn(given, name)), [])
      })
    }
  })
}

describe('The environment of the containers', () => {
  const { minimal, everything } = PARAMETER_SETS

  it('has the Platform MCP Server at the Registry unless another upstream or list is given', () => {
    const upstreamOf = (given: Readonly<Record<string, string>>): string | undefined =>
      readAuthz(environmentIn(given, 'authz')).services[0]?.upstream.url.href
    assert.equal(upstreamOf(minimal), 'https://quilt-registry.example.com/mcp/platform/mcp')
    assert.equal(upstreamOf(everything), 'https://platform-mcp.example.com/mcp')
    const [service] = JSON.parse(environmentIn(minimal, 'authz').CONNECT_SERVICES ?? '') as object[]
    const own = JSON.stringify([{ ...service, upstream: 'https://own.example.com/mcp' }])
    assert.equal(upstreamOf({ ...minimal, ConnectServices: own }), 'https://own.example.com/mcp')
  })

  it('has the same value for every process that reads a variable', () => {
    for (const given of Object.values(PARAMETER_SETS)) {
      const values = new Map<string, string>()
      for (const name of Object.keys(READERS)) {
        for (const [variable, value] of Object.entries(environmentIn(given, name))) {
          assert.equal(values.get(variable) ?? value, value, variable)
          values.set(variable, value)
        }
      }
    }
  })

  it('stops what ConnectStop names', () => {
    for (const name of ['authz', 'consent-ui']) {
      assert.equal(environmentIn({ ...minimal, ConnectStop: 'platform' }, name).CONNECT_STOP, 'platform')
    }
  })

  it('lets authz end event streams before the load balancer calls them idle', () => {
    const [balancer] = propertiesOf(
      evaluate(CONNECT_TEMPLATE, minimal),
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      loadBalancer,
    )
    const idleMs = Number(balancer?.[1].LoadBalancerAttributes['idle_timeout.timeout_seconds']) * 1000
    assert.ok(readAuthz(environmentIn(minimal, 'authz')).maxStreamMs < idleMs)
  })
})
