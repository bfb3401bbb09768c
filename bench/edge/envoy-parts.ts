import { changeFilters, changeManagers, type EnvoyConfig, type Manager } from './envoy-config.ts'

/** Routes of envoy.yaml that Envoy tries, by regular expression or method, before the routes of services. */
const GUARDS = new Set(['insecure-origin', 'two-meanings', 'preflight', 'other-methods'])
const ANSWER_FILTERS = new Set(['write_location', 'read_location', 'http_answers', 'mcp_answers'])

type Change = (config: EnvoyConfig) => EnvoyConfig

/** Work that envoy.yaml has Envoy do for each request, and how the bench switches it off. */
const SINGLE_PARTS = {
  'header removals': changing((manager) => without(manager, 'early_header_mutation_extensions')),
  'access log': changing((manager) => without(manager, 'access_log')),
  'local replies and their CEL filters': changing((manager) => without(manager, 'local_reply_config')),
  'rate limit': dropping((name) => name === 'envoy.filters.http.local_ratelimit'),
  'health check and CORS': dropping((name) => /\.(health_check|cors)$/.test(name)),
  'guard routes': changing((manager) => withRoutes(manager, (route) => !GUARDS.has(route.name))),
  'changes of response headers': changing((manager) => {
    const keys = ['response_headers_to_add', 'response_headers_to_remove']
    const stripped = withRoutes(manager, () => true, keys)
    return { ...stripped, route_config: without(stripped.route_config, ...keys) }
  }),
  'forwarded address': changing((manager) => ({
    ...manager,
    route_config: without(manager.route_config, 'request_headers_to_add'),
  })),
  'filters of answers': dropping((name) => ANSWER_FILTERS.has(name)),
  'second stage and list filter': dropping((name) => name === 'tool_access' || name === 'list_filter'),
  'checks of header mutations': stages((stage) =>
    without(stage, 'decoder_header_mutation_rules', 'validate_mutations', 'enforce_response_header_limits'),
  ),
  'times of stages for the log': stages((stage) => without(stage, 'emit_filter_state_stats')),
  'path normalisation': changing((manager) =>
    without(manager, 'normalize_path', 'merge_slashes', 'path_with_escaped_slashes_action'),
  ),
  'request ids': changing((manager) => ({
    ...without(manager, 'always_set_request_id_in_response'),
    generate_request_id: false,
    http_filters: manager.http_filters.filter(({ name }) => name !== 'request_id'),
  })),
  'overload manager': (config) => without(config, 'overload_manager'),
} satisfies Record<string, Change>

export const PARTS: ReadonlyMap<string, Change> = new Map<string, Change>([
  ...Object.entries(SINGLE_PARTS),
  [
    'all of these',
    (config) => Object.values(SINGLE_PARTS).reduce<EnvoyConfig>((rest, off) => off(rest), config),
  ],
])

function changing(change: (manager: Manager) => Manager): Change {
  return (config) => changeManagers(config, change)
}

function dropping(isDropped: (name: string) => boolean): Change {
  return (config) => changeFilters(config, (filter) => (isDropped(filter.name) ? [] : [filter]))
}

function stages(change: (stage: object) => object): Change {
  const asking = new Set(['authenticate', 'tool_access'])
  return (config) =>
    changeFilters(config, (filter) => [
      asking.has(filter.name) ? { ...filter, typed_config: change(filter.typed_config ?? {}) } : filter,
    ])
}

function withRoutes(
  manager: Manager,
  keeps: (route: { readonly name: string }) => boolean,
  removed: readonly string[] = [],
): Manager {
  const hosts = manager.route_config.virtual_hosts.map((host) => ({
    ...host,
    routes: host.routes.filter(keeps).map((route) => without(route, ...removed)),
  }))
  return { ...manager, route_config: { ...manager.route_config, virtual_hosts: hosts } }
}

function without<Message extends object>(message: Message, ...keys: readonly string[]): Message {
  return Object.fromEntries(Object.entries(message).filter(([key]) => !keys.includes(key))) as Message
}
