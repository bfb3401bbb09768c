import type { Spot } from './spot.ts'
import { typeNamed } from './types.ts'

/** A filter of the HTTP chain. */
export interface Filter {
  readonly spot: Spot
  /** The key of its settings per route. */
  readonly name: string
  /** Its protobuf type, without the prefix of the URL; empty where there is none. */
  readonly type: string
  readonly config: Spot
}

/** The chain of a connection manager, in its order. */
export function filtersOf(manager: Spot): readonly Filter[] {
  return manager.at('http_filters').items().map(filterAt)
}

function filterAt(spot: Spot): Filter {
  const config = spot.at('typed_config')
  return {
    spot,
    name: spot.at('name').text ?? '',
    type: typeNamed(config.at('@type').text) ?? '',
    config,
  }
}
