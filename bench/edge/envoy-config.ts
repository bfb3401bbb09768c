import { parse } from 'yaml'

interface Filter {
  readonly name: string
  readonly typed_config?: object
}

interface Route {
  readonly name: string
}

export interface Manager {
  readonly http_filters: readonly Filter[]
  readonly route_config: { readonly virtual_hosts: readonly { readonly routes: readonly Route[] }[] }
}

export interface EnvoyConfig {
  readonly static_resources: {
    readonly listeners: readonly {
      readonly filter_chains: readonly {
        readonly filters: readonly { readonly typed_config: Manager }[]
      }[]
    }[]
  }
}

export function readEnvoyConfig(rendered: string): EnvoyConfig {
  return parse(rendered, { merge: true }) as EnvoyConfig
}

export function changeManagers(config: EnvoyConfig, change: (manager: Manager) => Manager): EnvoyConfig {
  const { listeners } = config.static_resources
  const changed = listeners.map((listener) => ({
    ...listener,
    filter_chains: listener.filter_chains.map((chain) => ({
      ...chain,
      filters: chain.filters.map((filter) => ({ ...filter, typed_config: change(filter.typed_config) })),
    })),
  }))
  return { ...config, static_resources: { ...config.static_resources, listeners: changed } }
}

export function changeFilters(config: EnvoyConfig, change: (filter: Filter) => Filter[]): EnvoyConfig {
  return changeManagers(config, (manager) => ({
    ...manager,
    http_filters: manager.http_filters.flatMap(change),
  }))
}
