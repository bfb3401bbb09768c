import { parse } from 'yaml'

interface Filter {
  readonly name: string
  readonly typed_config?: object
}

/** As much of a rendered envoy.yaml as is changed here. */
export interface EnvoyConfig {
  readonly static_resources: {
    readonly listeners: readonly {
      readonly filter_chains: readonly {
        readonly filters: readonly { readonly typed_config: { http_filters: readonly Filter[] } }[]
      }[]
    }[]
  }
}

/** Reads what envoy/render.ts made. */
export function readEnvoyConfig(rendered: string): EnvoyConfig {
  return parse(rendered, { merge: true }) as EnvoyConfig
}

/** A copy, in which each HTTP filter has given way to others, or to none. */
export function changeFilters(config: EnvoyConfig, change: (filter: Filter) => Filter[]): EnvoyConfig {
  const copy = structuredClone(config)
  for (const { filter_chains: chains } of copy.static_resources.listeners) {
    for (const { typed_config: manager } of chains.flatMap(({ filters }) => filters)) {
      manager.http_filters = manager.http_filters.flatMap(change)
    }
  }
  return copy
}
