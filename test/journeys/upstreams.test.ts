import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { serviceCluster } from '../../envoy/render/service-cluster.ts'
import { serviceRoutes } from '../../envoy/render/service-routes.ts'
import { ADA } from '../../deploy/demo/people.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { PLATFORM_ENTRY, servicesFrom } from '../support/services.ts'
import { TEST_SERVER } from '../support/tls/test-server.ts'
import { connectedUser } from './support/connected-user.ts'
import { rawRequest, type RawAnswer } from './support/raw-request.ts'
import { createApiKey } from './support/registry-keys.ts'
import { secondTask, sharedStack } from './support/recorded-stack.ts'

const TEST_CA = join(import.meta.dirname, '../support/tls/certificate.pem')
/** The test's certificate has no trusted issuer. */
const PUBLIC_CA = '/etc/ssl/certs/ca-certificates.crt'

interface EnvoyConfig {
  readonly static_resources: {
    readonly listeners: [{ filter_chains: [{ filters: [{ typed_config: Manager }] }] }]
    readonly clusters: unknown[]
  }
}
interface Manager {
  readonly route_config: { virtual_hosts: [{ routes: unknown[] }] }
}

/** What each says of a request that reached it: which protocol it came by, as whom, and for what. */
async function listening(server: Server): Promise<number> {
  server.on('request', (request: Shown, response: { end(text: string): void }) => {
    const { httpVersion, url, headers } = request
    response.end(JSON.stringify({ httpVersion, url, authorization: headers.authorization }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterAll(() => void server.close())
  return (server.address() as AddressInfo).port
}
interface Shown {
  readonly httpVersion: string
  readonly url: string
  readonly headers: { readonly authorization?: string }
}

describe('A service over TLS or HTTP/2', function () {
  this.timeout(60_000)
  let stack: Stack
  let key: string

  before(async () => {
    const first = await sharedStack()
    const ada = await connectedUser(first, ADA)
    await ada.ask()
    const quilt = first.service.requests.at(-1)?.authorization ?? ''
    key = await createApiKey(`http://localhost:${first.context.ports.registry}`, quilt)

    const [secure, secureHttp2, plainHttp2] = await Promise.all([
      listening(createServer(TEST_SERVER)),
      listening(createSecureServer(TEST_SERVER)),
      listening(createHttp2Server()),
    ])
    const entries = [
      entry('secure', `https://localhost:${secure}/base`, 'http1'),
      entry('secure2', `https://localhost:${secureHttp2}/base`, 'http2'),
      entry('plain2', `http://127.0.0.1:${plainHttp2}/base`, 'http2'),
      entry('stranger', `https://localhost:${secure}/base`, 'http1'),
      // The certificate names addresses too, but by this one it is asked for no name that it has.
      entry('misnamed', `https://127.0.0.2:${secure}/base`, 'http1'),
    ].join('')
    const list = PLATFORM_ENTRY.replace(/upstream: .*/, `upstream: ${first.service.url}`) + entries
    stack = await secondTask(first, {
      changes: {
        authz: { CONNECT_SERVICES: list, API_KEYS: 'full' },
        'consent-ui': { CONNECT_SERVICES: list },
      },
      changeEnvoyConfig: (rendered) => withServices(rendered, entries),
    })
  })

  const ask = (path: string, credential = key): Promise<RawAnswer> =>
    rawRequest(new URL(path, stack.mcpUrl).href, { headers: ['authorization', `Bearer ${credential}`] })

  for (const [name, httpVersion] of [
    ['secure', '1.1'],
    ['secure2', '2.0'],
    ['plain2', '2.0'],
  ] as const) {
    it(`is reached as its entry says, below its path: ${name}`, async () => {
      for (const [path, url] of [
        ['', '/base/'],
        ['/a/b?c=d', '/base/a/b?c=d'],
      ]) {
        const answer = await ask(`/${name}${path}`)
        assert.equal(answer.status, 200)
        assert.deepEqual(JSON.parse(answer.body), { httpVersion, url, authorization: `Bearer ${key}` })
      }
      assert.equal((await ask(`/${name}`, 'x')).status, 401)
    })
  }

  for (const name of ['stranger', 'misnamed']) {
    it(`with a wrong certificate gets no credential: ${name}`, async () => {
      const answer = await ask(`/${name}`)
      assert.equal(answer.status, 503)
      assert.match(answer.body, /temporarily_unavailable/)
    })
  }
})

function entry(name: string, upstream: string, protocol: string): string {
  return `
- kind: http
  name: ${name}
  title: Another service
  prefix: /${name}
  scopes: [${name}]
  grants: [full]
  upstream: ${upstream}
  protocol: ${protocol}
  read: { paths: [/${name}] }
`
}

/** The configuration of this stack with the routes and clusters of more services. */
function withServices(rendered: string, entries: string): string {
  const config = parse(rendered, { maxAliasCount: -1 }) as EnvoyConfig
  const [, ...services] = servicesFrom(PLATFORM_ENTRY + entries)
  const [{ routes }] =
    config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts
  routes.splice(-1, 0, ...services.flatMap((service) => serviceRoutes(service)))
  const clusters = services.flatMap((service) =>
    serviceCluster(service, service.name === 'stranger' ? PUBLIC_CA : TEST_CA),
  )
  config.static_resources.clusters.push(...clusters)
  return stringify(config, { aliasDuplicateObjects: false, lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' })
}
