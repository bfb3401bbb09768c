import type { Filter } from './filter.ts'
import { fieldsNamed } from './find.ts'
import type { Manager } from './manager.ts'
import type { ConfigNode } from './config-node.ts'

/** The settings of a stage for bodies. */
export interface BodySettings {
  readonly body: ConfigNode
  readonly disabled: ConfigNode
}

/** Those of the chain, then those of routes and hosts. */
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
