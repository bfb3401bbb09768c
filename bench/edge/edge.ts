import { request } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answersHttp } from '../../deploy/container/answers-http.ts'
import { readConfig } from '../../envoy/config.ts'
import { renderEnvoyConfig } from '../../envoy/render/render.ts'
import type { Identity } from '../lab/identity.ts'
import { launch, type Running, type BenchContext } from '../lab/launch.ts'
import { readEnvoyConfig } from './envoy-config.ts'
import { ofKind, withoutTotalLimit, type EdgeKind } from './edge-kinds.ts'
import { PARTS } from './envoy-parts.ts'

/** Worker threads, as in deploy/local. */
const CONCURRENCY = '2'

export interface EdgeOptions {
  readonly name: string
  readonly kind: EdgeKind
  /** A part of envoy.yaml that is switched off (envoy-parts.ts). */
  readonly off?: string | undefined
  readonly port: number
  readonly authz: string
  readonly envoy: string
  readonly identity: Identity
}

export interface Edge extends Running {
  readonly port: number
  /** Checks, and streams of the list filter, since the start. */
  counts(): Promise<EdgeCounts>
}

interface EdgeCounts {
  readonly authzCalls: number
  readonly listStreams: number
}

export async function startEdge(options: EdgeOptions, context: BenchContext): Promise<Edge> {
  const { name, kind, off = '', port, identity } = options
  const admin = join(context.folder, `${name}.admin`)
  const config = readConfig({
    CONNECT_ORIGIN: identity.origin,
    ENVOY_LISTEN: `127.0.0.1:${port}`,
    ENVOY_ADMIN_SOCKET: admin,
    // The load generator is the load balancer, so that it can use many client addresses.
    ENVOY_TRUSTED_HOPS: '1',
    AUTHZ_LISTEN: `unix:${options.authz}`,
    CONSENT_UI_LISTEN: `unix:${join(context.folder, 'unused.sock')}`,
    CONNECT_SERVICES: identity.serviceList,
  })
  const file = join(context.folder, `${name}.json`)
  const whole = withoutTotalLimit(ofKind(readEnvoyConfig(renderEnvoyConfig(config)), kind, identity))
  writeFileSync(file, JSON.stringify(PARTS.get(off)?.(whole) ?? whole), { mode: 0o600 })
  const running = await launch(
    {
      name,
      command: options.envoy,
      args: ['-c', file, '--concurrency', CONCURRENCY, '--disable-hot-restart', '--log-level', 'warning'],
      isReady: () => answersHttp({ socketPath: admin, path: '/ready' }),
    },
    context,
  )
  return { ...running, port, counts: () => countsAt(admin) }
}

async function countsAt(socketPath: string): Promise<EdgeCounts> {
  const asked = request({ socketPath, path: '/stats?format=json&type=Counters', agent: false }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const { stats } = JSON.parse(await text(response)) as { stats: { name?: string; value?: number }[] }
  const count = (pattern: RegExp): number =>
    stats.reduce((sum, { name = '', value = 0 }) => sum + (pattern.test(name) ? value : 0), 0)
  return {
    authzCalls: count(/^cluster\.authz(-answers)?\.upstream_rq_total$/),
    listStreams: count(/list_filter.*\.streams_started$/),
  }
}
