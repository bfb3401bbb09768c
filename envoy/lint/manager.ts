import { filtersOf, type Filter } from './filter.ts'
import { routesOf, type Route } from './route.ts'
import type { Spot } from './spot.ts'
import { CONNECTION_MANAGER, EXT_AUTHZ, typeNamed } from './types.ts'

/** What stands between a connection and the services. */
export interface Manager {
  /** Its HttpConnectionManager message. */
  readonly spot: Spot
  readonly filters: readonly Filter[]
  /** The questions to authz, in order; the first is asked about every request. */
  readonly stages: readonly Filter[]
  readonly hosts: readonly Spot[]
  readonly routes: readonly Route[]
}

/** The managers of a listener. */
export function managersOf(listener: Spot): readonly Manager[] {
  return chainsOf(listener)
    .flatMap((chain) => chain.at('filters').items())
    .map((filter) => filter.at('typed_config'))
    .filter((config) => typeNamed(config.at('@type').text) === CONNECTION_MANAGER)
    .map(managerAt)
}

/** Its filter chains, the one for connections that no other matches among them. */
export function chainsOf(listener: Spot): readonly Spot[] {
  return [...listener.at('filter_chains').items(), ...listener.at('default_filter_chain').items()]
}

function managerAt(spot: Spot): Manager {
  const filters = filtersOf(spot)
  const stages = filters.filter(({ type }) => type === EXT_AUTHZ)
  const config = spot.at('route_config')
  const hosts = config.at('virtual_hosts').items()
  const routes = hosts.flatMap((host) => routesOf(config, host, stages))
  return { spot, filters, stages, hosts, routes }
}
