import { breaks } from './broken.ts'

const MCP = 'type.googleapis.com/envoy.extensions.filters.http.mcp.v3.Mcp'

export const INPUT = [
  ...breaks('known-fields', {
    'an unknown field': ({ authenticate }) => authenticate('allow_all', true),
    'a field in camelCase, which Envoy reads too': ({ authenticate }) =>
      authenticate('failureModeAllow', true),
    'one object in place of a list, which Envoy reads as a list of one': ({ route }) =>
      route('preflight')('response_headers_to_add', { header: { key: 'x', value: 'y' } }),
    'an unknown extension': [
      ({ filter }) =>
        filter('envoy.filters.http.cors')('typed_config', {
          '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
          type_url: 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors',
          value: {},
        }),
      ...['nothing-after-authz', 'settings-reach-a-filter'],
    ],
    'a direct response from a file': ({ route }) =>
      route('nothing')('direct_response.body', { filename: '/proc/self/environ' }),
    'tracing, whose tags may hold headers': ({ manager }) =>
      manager('tracing', {
        max_path_tag_length: 0,
        custom_tags: [{ tag: 'credential', request_header: { name: 'authorization' } }],
      }),
    'a list filter for only a share of lists': [
      ({ filter }) =>
        filter('list_filter')(
          'typed_config.matcher.matcher_list.matchers.0.on_match.action.typed_config.sample_percent',
          { default_value: { numerator: 50 } },
        ),
    ],
    'filters of the listener, such as the PROXY protocol': ({ listener }) =>
      listener('listener_filters', [
        {
          name: 'proxy',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol',
          },
        },
      ]),
  }),
  ...breaks('static-only', {
    'listeners from another file': ({ root }) =>
      root('dynamic_resources', { lds_config: { path_config_source: { path: '/run/lds.yaml' } } }),
    'routes from another file': [
      ({ manager }) => {
        manager('route_config', undefined)
        manager('rds', { route_config_name: 'x', config_source: { path_config_source: { path: '/run/r' } } })
      },
      'every-path-has-a-route',
    ],
    'a filter from another source': [
      ({ filter }) => {
        filter('authenticate')('typed_config', undefined)
        filter('authenticate')('config_discovery', { config_source: {}, type_urls: [] })
      },
      ...['authz-first', 'nothing-after-authz', 'settings-reach-a-filter', 'all-headers-sent'],
      ...['no-body-before-authentication', 'stream-timeouts', 'calls-are-checked', 'mutation-allow-list'],
    ],
    'a cluster that the request names': ({ cluster }) => cluster('platform')('type', 'ORIGINAL_DST'),
  }),
  ...breaks('runtime-fixed', {
    'a fix of Envoy switched off': ({ root }) =>
      root(
        [
          'layered_runtime',
          'layers',
          0,
          'static_layer',
          'envoy.reloadable_features.strip_dotdot_segments_with_parameters',
        ],
        false,
      ),
    'settings from the admin interface': ({ root }) =>
      root('layered_runtime.layers.1', { name: 'admin', admin_layer: {} }),
    'settings from the disk': ({ root }) =>
      root('layered_runtime.layers.1', { name: 'disk', disk_layer: { symlink_root: '/run' } }),
  }),
  ...breaks('no-mcp-filter', {
    "Envoy's MCP filter": [
      ({ insert }) => insert('authenticate', { name: 'mcp', typed_config: { '@type': MCP } }),
      ...['known-fields', 'nothing-after-authz'],
    ],
  }),
]
