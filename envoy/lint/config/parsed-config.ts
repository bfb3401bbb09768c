import { managersOf, type Manager } from './manager.ts'
import type { EnvoyConfig } from './read-config.ts'
import { ConfigNode } from './config-node.ts'

/** An Envoy configuration with the parts that rules read. */
export interface ParsedConfig {
  readonly root: ConfigNode
  readonly listeners: readonly ConfigNode[]
  /** The HTTP connection managers of all listeners. */
  readonly managers: readonly Manager[]
  readonly clusters: readonly ConfigNode[]
  readonly cluster: (name: string | undefined) => ConfigNode | undefined
}

export function parseConfig(config: EnvoyConfig): ParsedConfig {
  const root = new ConfigNode(config)
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
