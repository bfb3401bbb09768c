import { filtersOf, type Filter } from './filter.ts'
import { routesOf, type Route } from './route.ts'
import type { ConfigNode } from './config-node.ts'
import { CONNECTION_MANAGER, EXT_AUTHZ, typeNamed } from './types.ts'

export interface Manager {
  /** Its HttpConnectionManager message. */
  readonly node: ConfigNode
  readonly filters: readonly Filter[]
  readonly stages: readonly Filter[]
  readonly hosts: readonly ConfigNode[]
  readonly routes: readonly Route[]
}

export function managersOf(listener: ConfigNode): readonly Manager[] {
  return chainsOf(listener)
    .flatMap((chain) => chain.at('filters').items())
    .map((filter) => filter.at('typed_config'))
    .filter((config) => typeNamed(config.at('@type').text) === CONNECTION_MANAGER)
    .map(managerAt)
}

/** The filter chains of a listener, with the default one. */
export function chainsOf(listener: ConfigNode): readonly ConfigNode[] {
  return [...listener.at('filter_chains').items(), ...listener.at('default_filter_chain').items()]
}

function managerAt(node: ConfigNode): Manager {
  const filters = filtersOf(node)
  const stages = filters.filter(({ type }) => type === EXT_AUTHZ)
  const config = node.at('route_config')
  const hosts = config.at('virtual_hosts').items()
  const routes = hosts.flatMap((host) => routesOf(config, host, stages))
  return { node, filters, stages, hosts, routes }
}
