import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readConfig } from '../../../envoy/config.ts'
import { placeholders } from '../../../envoy/render/placeholders.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { PLATFORM_ENTRY } from '../../support/services.ts'
import { EDGE_ENVIRONMENT, validate } from '../support.ts'

const TEMPLATE = readFileSync(new URL('../../../envoy/envoy.yaml', import.meta.url), 'utf8')

interface Listener {
  readonly address: unknown
  readonly filter_chains: readonly [{ readonly filters: readonly [{ readonly typed_config: Manager }] }]
}

interface Manager {
  readonly route_config: { readonly virtual_hosts: readonly [{ readonly routes: readonly Route[] }] }
}

interface Rendered {
  readonly admin: { readonly address: unknown }
  readonly static_resources: {
    readonly listeners: readonly [Listener]
    readonly clusters: readonly {
      readonly name: string
      readonly transport_socket?: { readonly typed_config: Record<string, unknown> }
      readonly load_assignment: {
        readonly endpoints: readonly [
          { readonly lb_endpoints: readonly [{ endpoint: { address: unknown } }] },
        ]
      }
    }[]
  }
}

function render(changes: Record<string, string> = {}): { text: string; config: Rendered } {
  const text = renderEnvoyConfig(readConfig({ ...EDGE_ENVIRONMENT, ...changes }))
  return { text, config: parse(text) as Rendered }
}

function addressOf({ static_resources }: Rendered, cluster: string): unknown {
  const found = static_resources.clusters.find(({ name }) => name === cluster)
  return found?.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address
}

/** The platform service over TLS. */
function secure(protocol: string): string {
  const upstream = 'upstream: https://mcp.example.com/mcp'
  return PLATFORM_ENTRY.replace(/upstream: .*/, `${upstream}\n  protocol: ${protocol}`)
}

describe('the rendered Envoy configuration', () => {
  it('is accepted by Envoy, for a service with http and for one with https', async () => {
    assert.match(await validate(render().text), /OK/)
    for (const protocol of ['http1', 'http2']) {
      assert.match(await validate(render({ CONNECT_SERVICES: secure(protocol) }).text), /OK/)
    }
  })

  it('fills in every placeholder, and has no value without one', () => {
    const asked = [...TEMPLATE.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => name)
    const known = placeholders(readConfig(EDGE_ENVIRONMENT))
    assert.deepEqual([...new Set(asked)].filter((name) => name !== 'NAME').sort(), [...known.keys()].sort())
    const values = render().text.replace(/#.*/g, '')
    assert.doesNotMatch(values, /\$\{/)
  })

  it('keeps the comments of envoy.yaml', () => {
    assert.match(render().text, /# Fails closed: without an answer of authz the client gets 503/)
  })

  it('has the configured sockets and addresses', () => {
    const { config } = render()
    assert.deepEqual(addressOf(config, 'authz'), { pipe: { path: '/run/authz/authz.sock' } })
    assert.deepEqual(addressOf(config, 'consent-ui'), {
      socket_address: { address: '127.0.0.1', port_value: 3000 },
    })
    assert.deepEqual(addressOf(config, 'platform'), {
      socket_address: { address: '127.0.0.1', port_value: 8000 },
    })
    assert.deepEqual(config.admin.address, { pipe: { path: '/run/envoy/admin.sock', mode: 0o600 } })
  })

  it('verifies the certificate of a service with https for its host name', () => {
    const { config } = render({ CONNECT_SERVICES: secure('http1') })
    const platform = config.static_resources.clusters.find(({ name }) => name === 'platform')
    const { sni, common_tls_context } = platform?.transport_socket?.typed_config ?? {}
    assert.equal(sni, 'mcp.example.com')
    assert.deepEqual((common_tls_context as { validation_context: unknown }).validation_context, {
      trusted_ca: { filename: '/etc/ssl/certs/ca-certificates.crt' },
      match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'mcp.example.com' } }],
    })
    assert.deepEqual(addressOf(config, 'platform'), {
      socket_address: { address: 'mcp.example.com', port_value: 443 },
    })
  })

  it('has no field that a value adds', () => {
    const path = '/run/x.sock\n  allow_paths: []\n# '
    const { config } = render({ ENVOY_ADMIN_SOCKET: path })
    assert.deepEqual(config.admin.address, { pipe: { path, mode: 0o600 } })
  })
})

interface Route {
  readonly name: string
  readonly match: Readonly<Record<string, unknown>>
  readonly route?: { readonly cluster: string }
  readonly typed_per_filter_config?: Readonly<Record<string, unknown>>
}

describe('the routes of the services', () => {
  const routes = routesOf(render().text)

  it('name their service in the context of both stages', () => {
    const leading = routes.filter(({ route }) => ['platform', 'files'].includes(route?.cluster ?? ''))
    assert.ok(leading.length >= 8)
    for (const { route, typed_per_filter_config: settings } of leading) {
      for (const stage of ['authenticate', 'tool_access']) {
        const { check_settings } = settings?.[stage] as {
          check_settings: { context_extensions: { service: string } }
        }
        assert.equal(check_settings.context_extensions.service, route?.cluster)
      }
    }
  })

  it('match the exact paths of an MCP service, with or without a slash at the end, and everything below the prefix of an HTTP service', () => {
    const matches = (cluster: string): unknown[] =>
      routes
        .filter(({ route }) => route?.cluster === cluster)
        .map(({ match }) => match.path ?? match.path_separated_prefix)
    const paths = ['/mcp/platform/mcp', '/mcp/platform', '/mcp']
    assert.deepEqual(new Set(matches('platform')), new Set(paths.flatMap((path) => [path, `${path}/`])))
    assert.deepEqual(new Set(matches('files')), new Set(['/files', '/files/raw']))
  })

  it('have the context reads only for GET and HEAD, before the other routes of the service', () => {
    const looks = routes.filter(({ typed_per_filter_config: settings }) =>
      JSON.stringify(settings ?? {}).includes('"reads":"true"'),
    )
    assert.deepEqual(
      looks.map(({ name }) => name),
      ['files-read'],
    )
    assert.match(JSON.stringify(looks[0]?.match), /GET\|HEAD/)
    const names = routes.map(({ name }) => name)
    assert.ok(names.indexOf('files-read') < names.indexOf('files'))
  })
})

function routesOf(text: string): readonly Route[] {
  const [listener] = (parse(text) as Rendered).static_resources.listeners
  return listener.filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes
}
