import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NODE_ARGUMENTS } from '../../authz/node-arguments.ts'
import { createOrphanGuard } from '../../deploy/local/supervisor/orphan-guard.ts'
import { ENVOY, VALKEY } from '../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../deploy/local/tools/find-binary.ts'
import { startEdge, type Edge, type EdgeOptions } from '../edge/edge.ts'
import { startService } from '../edge/service.ts'
import type { Plan } from '../plan.ts'
import type { EdgeDescription, Edges } from '../rows.ts'
import { startAuthz } from './authz.ts'
import { freePorts } from '../../deploy/local/context/free-ports.ts'
import { createIdentity } from './identity.ts'
import type { Running, BenchContext } from './launch.ts'
import { startReference } from './reference.ts'
import { startRegistry } from './registry.ts'
import { fillStores, type Filled } from './fill-stores.ts'
import { startStore } from './store.ts'

export interface Lab {
  /** @throws TypeError for a name that was not started */
  readonly edge: (name: string) => MeasuredEdge
  readonly tokens: Filled['tokens']
  stop(): Promise<void>
}

interface MeasuredEdge {
  readonly edge: Edge
  readonly authz?: Running | undefined
}

/** Starts these Envoys and what they need, with the plan's sessions in the stores; on an error it stops all of it. */
export async function startLab(plan: Plan, nowSeconds: number, edges: Edges): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-bench-'))
  const context: BenchContext = { folder, orphanGuard: createOrphanGuard(folder) }
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each()
    await rm(folder, { recursive: true, force: true })
    await context.orphanGuard.release()
  }
  try {
    return { ...(await start(plan, nowSeconds, { edges, context, stops })), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Start {
  readonly edges: Edges
  readonly context: BenchContext
  /** Run at the end, the last first. */
  readonly stops: (() => Promise<void>)[]
}

async function start(plan: Plan, nowSeconds: number, { edges: described, context, stops }: Start) {
  const { folder } = context
  const [envoy, valkey] = [await findBinary(ENVOY), await findBinary(VALKEY)]
  const [servicePort = 0] = await freePorts(1)
  const identity = createIdentity(servicePort)
  const registry = await startRegistry()
  stops.push(registry.stop)
  const kept = async <Started extends Running>(starting: Promise<Started>): Promise<Started> => {
    const started = await starting
    stops.push(started.stop)
    return started
  }

  await kept(startService({ envoy, port: servicePort }, context))
  const [small, large] = await Promise.all(
    ['small', 'large'].map((name) => kept(startStore({ name, valkey }, context))),
  )
  if (small === undefined || large === undefined) throw new TypeError('there are two stores')
  const { tokens, credentials } = await fillStores({ plan, nowSeconds, identity, folder, small, large })

  const starts: Record<string, () => Promise<Running>> = {
    reference: () => startReference({ name: 'reference', identity, credentials }, context),
    'reference-tuned': () =>
      startReference(
        { name: 'reference-tuned', nodeArguments: NODE_ARGUMENTS, identity, credentials },
        context,
      ),
    'authz-warm': () => authzAt('authz-warm', small.url),
    'authz-uncounted': () => authzAt('authz-uncounted', small.url, { METRICS_LISTEN: '' }),
    'authz-uncounted-again': () => authzAt('authz-uncounted-again', small.url, { METRICS_LISTEN: '' }),
    'authz-cold': () => authzAt('authz-cold', small.url),
    'authz-large': () => authzAt('authz-large', large.url),
  }
  const descriptions = Object.entries(described)
  const asked = new Set(descriptions.map(([, { asks }]) => asks).filter((name) => name !== undefined))
  const authz = new Map(
    await Promise.all([...asked].map(async (name) => [name, await kept(startOf(starts, name))] as const)),
  )
  // Only now: filling the stores can take minutes, in which another process may take a free port.
  const ports = await freePorts(descriptions.length)
  const edges = new Map(
    await Promise.all(
      descriptions.map(async ([name, description], index) => {
        const edge = await kept(startEdge(optionsOf(name, description, ports[index] ?? 0), context))
        return [name, { edge, authz: authz.get(description.asks ?? '') }] as const
      }),
    ),
  )
  return { edge: (name: string) => edgeOf(edges, name), tokens }

  function authzAt(name: string, redisUrl: string, environment = {}): Promise<Running> {
    return startAuthz({ name, identity, redisUrl, registryUrl: registry.url, environment }, context)
  }

  function optionsOf(name: string, { kind, asks, off }: EdgeDescription, port: number): EdgeOptions {
    const authz = join(folder, `${asks ?? 'unused'}.sock`)
    return { name, kind, off, port, authz, envoy, identity }
  }
}

function startOf(starts: Readonly<Record<string, () => Promise<Running>>>, name: string): Promise<Running> {
  const start = starts[name]
  if (start === undefined) throw new TypeError(`no process is called ${name}`)
  return start()
}

function edgeOf(edges: ReadonlyMap<string, MeasuredEdge>, name: string): MeasuredEdge {
  const edge = edges.get(name)
  if (edge === undefined) throw new TypeError(`no Envoy is called ${name}`)
  return edge
}
