import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readConfig } from '../../envoy/config.ts'
import { placeholders } from '../../envoy/placeholders.ts'
import { renderEnvoyConfig } from '../../envoy/render.ts'
import { EDGE_ENVIRONMENT, validate } from './support.ts'

const TEMPLATE = readFileSync(new URL('../../envoy/envoy.yaml', import.meta.url), 'utf8')

interface Rendered {
  readonly admin: { readonly address: unknown }
  readonly static_resources: {
    readonly listeners: readonly { readonly address: unknown }[]
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

describe('the rendered Envoy configuration', () => {
  it('is accepted by Envoy, for a service with http and for one with https', async () => {
    assert.match(await validate(render().text), /OK/)
    assert.match(await validate(render({ PLATFORM_MCP_URL: 'https://mcp.example.com/mcp' }).text), /OK/)
  })

  it('has every placeholder filled in, and nothing is known that is not asked for', () => {
    const asked = [...TEMPLATE.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => name)
    const known = placeholders(readConfig(EDGE_ENVIRONMENT))
    assert.deepEqual([...new Set(asked)].filter((name) => name !== 'NAME').sort(), [...known.keys()].sort())
    const values = render().text.replace(/#.*/g, '')
    assert.doesNotMatch(values, /\$\{/)
  })

  it('keeps the comments, for whoever reads the file that runs', () => {
    assert.match(render().text, /# Closed when in doubt: no answer is 503/)
  })

  it('connects sockets and addresses as they are configured', () => {
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

  it("checks the certificate of a service with https for that host's name", () => {
    const { config } = render({ PLATFORM_MCP_URL: 'https://mcp.example.com/mcp' })
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

  it('cannot be extended through a value', () => {
    const path = '/run/x.sock\n  allow_paths: []\n# '
    const { config } = render({ ENVOY_ADMIN_SOCKET: path })
    assert.deepEqual(config.admin.address, { pipe: { path, mode: 0o600 } })
  })
})
