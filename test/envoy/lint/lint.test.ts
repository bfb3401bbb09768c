import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { readConfig } from '../../../envoy/config.ts'
import { lint } from '../../../envoy/lint/lint.ts'
import { readEnvoyConfig } from '../../../envoy/lint/config/read-config.ts'
import { RULES, SECTIONS } from '../../../envoy/lint/rules.ts'
import { isObject, ConfigNode } from '../../../envoy/lint/config/config-node.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { FILES_ENTRY, PLATFORM_ENTRY } from '../../support/services.ts'
import { EDGE_ENVIRONMENT } from '../support.ts'
import { changesTo } from './changes.ts'
import { renderedConfig } from './rendered.ts'

type Tree = Record<string, unknown>

function findingsIn(config: Tree): string[] {
  return lint(config).findings.map(({ rule, where }) => `${rule} at ${where}`)
}

describe('the linter, for the rendered configuration', () => {
  const deployments: [what: string, changes: Record<string, string>][] = [
    ['as a task definition sets it', {}],
    ['with only an MCP service', { CONNECT_SERVICES: PLATFORM_ENTRY }],
    ['with https to the services', { CONNECT_SERVICES: overHttps(PLATFORM_ENTRY + FILES_ENTRY) }],
    [
      'with HTTP/2 to a service',
      { CONNECT_SERVICES: overHttps(`${PLATFORM_ENTRY}  protocol: http2\n${FILES_ENTRY}`) },
    ],
    [
      'on one machine, without a load balancer',
      { ENVOY_LISTEN: '127.0.0.1:8080', ENVOY_TRUSTED_HOPS: '0', CONNECT_ORIGIN: 'http://localhost:8080' },
    ],
    ['with authz and consent-ui on loopback', { AUTHZ_LISTEN: '127.0.0.1:9000' }],
  ]
  for (const [what, changes] of deployments) {
    it(`finds nothing ${what}`, () => {
      const { findings, holding } = lint(
        readEnvoyConfig(renderEnvoyConfig(readConfig({ ...EDGE_ENVIRONMENT, ...changes }))),
      )
      assert.deepEqual(findings, [])
      assert.equal(holding, RULES.length)
    })
  }

  it('finds nothing when the operator accepts a service without TLS', () => {
    const entry = PLATFORM_ENTRY.replace('127.0.0.1', 'mcp.internal')
    const CONNECT_SERVICES = `${entry}  plaintext: true\n`
    const rendered = renderEnvoyConfig(readConfig({ ...EDGE_ENVIRONMENT, CONNECT_SERVICES }))
    assert.deepEqual(lint(readEnvoyConfig(rendered)).findings, [])
  })

  it('finds nothing when Envoy reaches authz over the network with TLS on both sides', () => {
    const config = renderedConfig()
    const { cluster } = changesTo(config)
    for (const name of ['authz', 'authz-answers']) {
      cluster(name)('load_assignment.endpoints.0.lb_endpoints.0.endpoint.address', {
        socket_address: { address: '10.0.0.7', port_value: 9000 },
      })
      cluster(name)('transport_socket', {
        name: 'envoy.transport_sockets.tls',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
          sni: 'authz.example.com',
          common_tls_context: {
            tls_certificates: [
              {
                certificate_chain: { filename: '/run/tls/envoy.pem' },
                private_key: { filename: '/run/tls/envoy.key' },
              },
            ],
            validation_context: {
              trusted_ca: { filename: '/run/tls/ca.pem' },
              match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'authz.example.com' } }],
            },
          },
        },
      })
    }
    assert.deepEqual(findingsIn(config), [])
  })

  it('finds nothing when Envoy probes authz each second, idle or not', () => {
    const config = renderedConfig()
    changesTo(config).cluster('authz')('health_checks', [
      { timeout: '1s', interval: '1s', no_traffic_interval: '1s', grpc_health_check: {} },
    ])
    assert.deepEqual(findingsIn(config), [])
  })

  it('gives the path of each finding', () => {
    const config = renderedConfig()
    Object.assign(config, { admin: { address: {}, allow_paths: [{ prefix: '/' }] } })
    assert.deepEqual(findingsIn(config), [
      'admin-paths at admin.allow_paths[0]',
      'admin-socket at admin.address',
    ])
  })

  it('lists the open routes', () => {
    const { open } = lint(renderedConfig())
    assert.ok(open.includes('auth: consent-ui'))
    assert.ok(open.includes('other-host: Envoy answers 421'))
    assert.ok(!open.some((route) => /^(platform|files):/.test(route)))
  })

  it('finds an unknown field in every message', function () {
    this.timeout(60_000)
    const messages = messagesIn(renderedConfig())
    assert.ok(messages.length > 300)
    const config = renderedConfig()
    for (const message of messages) at(config, message).unheard_of = true
    const found = new Set(lint(config).findings.map(({ where }) => where))
    const missed = messages.filter((message) => !found.has(pathOf(config, message)))
    // Some rules compare a message as a whole. Routes of one template count once.
    for (const message of new Map(missed.map((each) => [withoutRoute(each), each])).values()) {
      assert.ok(message.some(isComparedAsAWhole), message.join('.'))
      const changed = renderedConfig()
      at(changed, message).unheard_of = true
      assert.notDeepEqual(findingsIn(changed), [], message.join('.'))
    }
  })
})

describe('the README of envoy/', () => {
  it('lists every rule below the heading of its folder', () => {
    const text = readFileSync(new URL('../../../envoy/README.md', import.meta.url), 'utf8')
    const expected = Object.entries(SECTIONS).map(([section, heading]) => {
      const rules = RULES.filter((rule) => rule.section === section)
      return `### ${heading}\n\n${rules.map(({ name, holds }) => `- \`${name}\`: ${holds}.\n`).join('')}`
    })
    assert.equal(text.slice(text.indexOf('### ')), expected.join('\n'))
  })

  it('has a heading for every folder of rules', () => {
    const folders = readdirSync(new URL('../../../envoy/lint/rules/', import.meta.url))
    assert.deepEqual(folders.sort(), Object.keys(SECTIONS).sort())
  })
})

function overHttps(entries: string): string {
  return entries.replace(/http:\/\/127\.0\.0\.1:\d+/g, 'https://service.example.com')
}

function withoutRoute(message: readonly (string | number)[]): string {
  return message.join('.').replace(/\.routes\.\d+\./, '.routes.')
}

function isComparedAsAWhole(step: string | number): boolean {
  const compared = ['matcher', 'filter_enabled_metadata', 'custom_response_matcher']
  return [...compared, 'request_rules', 'response_rules'].includes(String(step))
}

/** Fields with free content, or that a rule compares as a whole. */
const FREE = ['json_format', 'text_format_source', 'static_layer', 'metadata', 'filter']
const FREE_LISTS = ['actions', 'layers', 'thresholds', 'rate_limits', 'descriptors']

/** The paths of all messages, without maps. */
function messagesIn(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => messagesIn(item, [...path, index]))
  if (!isObject(value)) return []
  const isMap = [
    'typed_per_filter_config',
    'context_extensions',
    'typed_extension_protocol_options',
  ].includes(String(path.at(-1)))
  const below = Object.entries(value)
    .filter(([name]) => !FREE.includes(name) && !FREE_LISTS.includes(name) && name !== 'circuit_breakers')
    .flatMap(([name, member]) => messagesIn(member, [...path, name]))
  return isMap ? below : [[...path], ...below]
}

function pathOf(config: Tree, message: readonly (string | number)[]): string {
  return new ConfigNode(config).at(...message, 'unheard_of').path
}

function at(config: Tree, path: readonly (string | number)[]): Tree {
  return path.reduce<Tree>((place, step) => place[step] as Tree, config)
}
