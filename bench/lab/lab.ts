import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOrphanGuard } from '../../deploy/local/supervisor/orphan-guard.ts'
import { ENVOY, VALKEY } from '../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../deploy/local/tools/find-binary.ts'
import { startEdge, type Edge } from '../edge/edge.ts'
import { startService } from '../edge/service.ts'
import type { Plan } from '../plan.ts'
import { EDGES, type EdgeName } from '../rows.ts'
import { startAuthz } from './authz.ts'
import { freePorts } from '../../deploy/local/context/free-ports.ts'
import { createIdentity } from './identity.ts'
import type { Running, Surroundings } from './launch.ts'
import { startReference } from './reference.ts'
import { startRegistry } from './registry.ts'
import { fillStores, type Filled } from './fill-stores.ts'
import { startStore } from './store.ts'

/** Everything that is measured, running. */
export interface Lab {
  readonly edges: Readonly<Record<EdgeName, MeasuredEdge>>
  readonly tokens: Filled['tokens']
  stop(): Promise<void>
}

interface MeasuredEdge {
  readonly edge: Edge
  /** Whom it asks; absent where nobody is. */
  readonly authz?: Running | undefined
}

/** Starts it all, with the plan's sessions in the stores. What was started is stopped again where something fails. */
export async function startLab(plan: Plan, nowSeconds: number): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-bench-'))
  const surroundings: Surroundings = { folder, orphanGuard: createOrphanGuard(folder) }
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each()
    await rm(folder, { recursive: true, force: true })
    await surroundings.orphanGuard.release()
  }
  try {
    return { ...(await start(plan, nowSeconds, { surroundings, stops })), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Start {
  readonly surroundings: Surroundings
  /** What is to be done at the end, the last first. */
  readonly stops: (() => Promise<void>)[]
}

async function start(plan: Plan, nowSeconds: number, { surroundings, stops }: Start) {
  const { folder } = surroundings
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

  await kept(startService({ envoy, port: servicePort }, surroundings))
  const [small, large] = await Promise.all(
    ['small', 'large'].map((name) => kept(startStore({ name, valkey }, surroundings))),
  )
  if (small === undefined || large === undefined) throw new TypeError('there are two stores')
  const { tokens, credentials } = await fillStores({ plan, nowSeconds, identity, folder, small, large })

  const authzOf = (name: string, redisUrl: string): Promise<Running> =>
    kept(startAuthz({ name, identity, redisUrl, registryUrl: registry.url }, surroundings))
  const [reference, warm, cold, held] = await Promise.all([
    kept(startReference({ identity, credentials }, surroundings)),
    authzOf('authz-warm', small.url),
    authzOf('authz-cold', small.url),
    authzOf('authz-large', large.url),
  ])
  const authz = { reference, 'authz-warm': warm, 'authz-cold': cold, 'authz-large': held }
  const names = Object.keys(EDGES) as EdgeName[]
  // Not earlier: filling the stores can take minutes, in which others may take what was free.
  const ports = await freePorts(names.length)
  const edges = await Promise.all(
    names.map(async (name, index): Promise<[EdgeName, MeasuredEdge]> => {
      const { kind, asks } = EDGES[name]
      const socket = join(folder, `${asks ?? 'nobody'}.sock`)
      const options = { name, kind, port: ports[index] ?? 0, authz: socket, envoy, identity }
      const edge = await kept(startEdge(options, surroundings))
      return [name, { edge, authz: asks === undefined ? undefined : authz[asks] }]
    }),
  )
  return { edges: Object.fromEntries(edges) as Record<EdgeName, MeasuredEdge>, tokens }
}
