import type { Filter } from './filter.ts'
import { fieldsNamed } from './find.ts'
import type { Manager } from './manager.ts'
import type { ConfigNode } from './config-node.ts'

/** What a stage does with bodies, in the chain or for a route. */
export interface BodySettings {
  readonly body: ConfigNode
  readonly disabled: ConfigNode
}

/** In the chain first, then wherever a route, a host or the routes as a whole say otherwise. */
export function bodySettingsOf({ node }: Manager, { name, config }: Filter): readonly BodySettings[] {
  const perRoute = fieldsNamed(node, ['typed_per_filter_config']).map((settings) =>
    settings.at(name, 'check_settings'),
  )
  return [
    { body: config.at('with_request_body'), disabled: config.at('disable_request_body_buffering') },
    ...perRoute.map((settings) => ({
      body: settings.at('with_request_body'),
      disabled: settings.at('disable_request_body_buffering'),
    })),
  ]
}
