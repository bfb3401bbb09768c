import type { Filter } from './filter.ts'
import type { ConfigNode } from './config-node.ts'
import { EXT_AUTHZ_PER_ROUTE, typeNamed } from './types.ts'

/** The only cluster that requests may reach without authz. */
export const CONSENT_UI = 'consent-ui'

/** Where a route leads. */
type Destination =
  | { readonly kind: 'cluster'; readonly cluster: string }
  | { readonly kind: 'answer'; readonly status: number }
  | { readonly kind: 'unclear' }

interface StageOnRoute {
  readonly stage: Filter
  readonly state: 'on' | 'off' | 'unclear'
  /** context_extensions. */
  readonly context: ReadonlyMap<string, string>
}

export interface Route {
  readonly node: ConfigNode
  readonly name: string
  readonly host: ConfigNode
  readonly destination: Destination
  readonly stages: readonly StageOnRoute[]
  /** True if the route leads to a service. */
  readonly needsAuthz: boolean
}

export function routesOf(config: ConfigNode, host: ConfigNode, stages: readonly Filter[]): readonly Route[] {
  return host
    .at('routes')
    .items()
    .map((node) => {
      const destination = destinationOf(node)
      return {
        node,
        name: node.at('name').text ?? node.path,
        host,
        destination,
        stages: stages.map((stage) => stageOn([config, host, node], stage)),
        needsAuthz: needsAuthz(destination),
      }
    })
}

function needsAuthz(destination: Destination): boolean {
  if (destination.kind === 'answer') return false
  return destination.kind === 'unclear' || destination.cluster !== CONSENT_UI
}

function destinationOf(route: ConfigNode): Destination {
  const actions = route.entries().filter(([name]) => /(^|_)(route|redirect|response|action)$/.test(name))
  const [action, ...others] = actions
  if (action === undefined || others.length > 0) return { kind: 'unclear' }
  const status = route.at('direct_response', 'status').number
  if (status !== undefined) return { kind: 'answer', status }
  const cluster = route.at('route', 'cluster').text
  return cluster === undefined || cluster === '' ? { kind: 'unclear' } : { kind: 'cluster', cluster }
}

/** Settings of a route override those of its host and of the configuration; Envoy merges contexts. */
function stageOn(levels: readonly ConfigNode[], stage: Filter): StageOnRoute {
  const settings = levels
    .map((level) => level.at('typed_per_filter_config', stage.name))
    .filter(({ exists }) => exists)
  const context = new Map<string, string>()
  for (const level of settings) {
    for (const [key, { value }] of level.at('check_settings', 'context_extensions').entries()) {
      context.set(key, String(value))
    }
  }
  return { stage, state: stateOf(settings), context }
}

function stateOf(settings: readonly ConfigNode[]): StageOnRoute['state'] {
  const specific = settings.at(-1)
  if (specific === undefined) return 'on'
  if (settings.some((level) => typeNamed(level.at('@type').text) !== EXT_AUTHZ_PER_ROUTE)) return 'unclear'
  const disabled = specific.at('disabled').value
  if (disabled === true) return 'off'
  return disabled === undefined && specific.at('check_settings').exists ? 'on' : 'unclear'
}
