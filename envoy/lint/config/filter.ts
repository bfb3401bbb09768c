import type { ConfigNode } from './config-node.ts'
import { typeNamed } from './types.ts'

/** A filter of the HTTP chain. */
export interface Filter {
  readonly node: ConfigNode
  /** The key of its settings per route. */
  readonly name: string
  /** Its protobuf type without the prefix of the URL, or empty. */
  readonly type: string
  readonly config: ConfigNode
}

export function filtersOf(manager: ConfigNode): readonly Filter[] {
  return manager.at('http_filters').items().map(filterAt)
}

function filterAt(node: ConfigNode): Filter {
  const config = node.at('typed_config')
  return {
    node,
    name: node.at('name').text ?? '',
    type: typeNamed(config.at('@type').text) ?? '',
    config,
  }
}
