import { managersOf, type Manager } from './manager.ts'
import type { EnvoyConfig } from './read-config.ts'
import { Spot } from './spot.ts'

/** An Envoy configuration, as the rules look at it. */
export interface Edge {
  readonly root: Spot
  readonly listeners: readonly Spot[]
  /** Every HTTP connection manager, of whatever listener. */
  readonly managers: readonly Manager[]
  readonly clusters: readonly Spot[]
  readonly cluster: (name: string | undefined) => Spot | undefined
}

export function edgeOf(config: EnvoyConfig): Edge {
  const root = new Spot(config)
  const listeners = root.at('static_resources', 'listeners').items()
  const clusters = root.at('static_resources', 'clusters').items()
  return {
    root,
    listeners,
    managers: listeners.flatMap(managersOf),
    clusters,
    cluster: (name) => clusters.find((cluster) => cluster.at('name').text === name),
  }
}
