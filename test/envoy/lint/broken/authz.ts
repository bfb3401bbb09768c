import { breaks, OF_ANSWERS } from './broken.ts'

const OPEN_TO_ALL = {
  default_value: { numerator: 0, denominator: 'HUNDRED' },
  runtime_key: 'authz.enabled',
}
const LUA = {
  name: 'lua',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
    default_source_code: { inline_string: 'function envoy_on_request(h) end' },
  },
}

export const AUTHZ = [
  ...breaks('authz-first', {
    'no authz': [
      ({ order }) => order('request_id', 'envoy.filters.http.health_check', 'envoy.filters.http.router'),
      ...['settings-reach-a-filter', 'rate-limit', 'service-bodies', 'stream-timeouts'],
      ...['one-upstream-per-service', 'page-bodies', 'calls-are-checked', 'service-refusals'],
    ],
    'an authenticate stage for only a share of requests': ({ authenticate }) =>
      authenticate('filter_enabled', OPEN_TO_ALL),
    'a condition on metadata': ({ authenticate }) =>
      authenticate('filter_enabled_metadata', {
        filter: 'x',
        path: [{ key: 'y' }],
        value: { string_match: { exact: 'z' } },
      }),
    'tool_access before authenticate': [
      ({ order }) =>
        order(
          'request_id',
          'envoy.filters.http.health_check',
          'envoy.filters.http.cors',
          'envoy.filters.http.local_ratelimit',
          'tool_access',
          'authenticate',
          'body_limit',
          'list_filter',
          ...OF_ANSWERS,
          'envoy.filters.http.router',
        ),
      ...['all-headers-sent', 'no-body-before-authentication', 'session-passed-on', 'whole-body'],
      ...['credential-sent-once', 'mutation-allow-list', 'stream-timeouts'],
    ],
  }),
  ...breaks('filters-always-on', {
    'authenticate off by default': ({ filter }) => filter('authenticate')('disabled', true),
    'tool_access off by default': ({ filter }) => filter('tool_access')('disabled', true),
    'a filter that may be missing': ({ filter }) => filter('list_filter')('is_optional', true),
  }),
  ...breaks('nothing-after-authz', {
    'a script after authz': [
      ({ insert }) => insert('envoy.filters.http.router', LUA),
      'known-fields',
      'no-mcp-filter',
    ],
    'the list filter before authz': ({ order }) =>
      order(
        'request_id',
        'envoy.filters.http.health_check',
        'envoy.filters.http.cors',
        'envoy.filters.http.local_ratelimit',
        'list_filter',
        ...OF_ANSWERS,
        'authenticate',
        'tool_access',
        'body_limit',
        'envoy.filters.http.router',
      ),
    'bodies held before authz': ({ order }) =>
      order(
        'request_id',
        'envoy.filters.http.health_check',
        'envoy.filters.http.cors',
        'envoy.filters.http.local_ratelimit',
        'body_limit',
        'authenticate',
        'tool_access',
        'list_filter',
        ...OF_ANSWERS,
        'envoy.filters.http.router',
      ),
    'a router that is not the last': [
      ({ order }) =>
        order(
          'request_id',
          'envoy.filters.http.health_check',
          'envoy.filters.http.cors',
          'envoy.filters.http.local_ratelimit',
          'envoy.filters.http.router',
          'authenticate',
          'tool_access',
          'body_limit',
          'list_filter',
          ...OF_ANSWERS,
        ),
    ],
  }),
  ...breaks('fails-closed', {
    'requests that pass while authz is down': ({ authenticate }) => authenticate('failure_mode_allow', true),
    'calls that pass while authz is down': ({ toolAccess }) => toolAccess('failure_mode_allow', true),
    'failure_mode_allow as a string': ({ authenticate }) => authenticate('failure_mode_allow', 'false'),
    'a header that reports the failure': ({ authenticate }) =>
      authenticate('failure_mode_allow_header_add', true),
  }),
  ...breaks('error-is-503', {
    'a failure with status 401': ({ authenticate }) => authenticate('status_on_error.code', 'Unauthorized'),
    'a failure with status 200': ({ toolAccess }) => toolAccess('status_on_error.code', 'OK'),
    'no status for failures': ({ authenticate }) => authenticate('status_on_error', undefined),
  }),
  ...breaks('enforced', {
    'authenticate in shadow mode': ({ authenticate }) => authenticate('shadow_mode', true),
    'tool_access in shadow mode': ({ toolAccess }) => toolAccess('shadow_mode', true),
  }),
  ...breaks('valid-mutations', {
    'line ends in headers of authenticate': ({ authenticate }) =>
      authenticate('validate_mutations', undefined),
    'line ends in headers of tool_access': ({ toolAccess }) => toolAccess('validate_mutations', false),
  }),
  ...breaks('raw-headers', {
    'joined headers': ({ authenticate }) => authenticate('encode_raw_headers', undefined),
  }),
  ...breaks('only-grpc', {
    'the HTTP client': [
      ({ authenticate }) => {
        authenticate('grpc_service', undefined)
        authenticate('http_service', {
          server_uri: { uri: 'http://127.0.0.1', cluster: 'authz', timeout: '0.5s' },
        })
      },
      'authz-timeout',
    ],
    'another gRPC client': [
      ({ authenticate }) =>
        authenticate('grpc_service', {
          google_grpc: { target_uri: '127.0.0.1:1', stat_prefix: 'x' },
          timeout: '0.5s',
          initial_metadata: [{ key: 'x-stage', value: 'authenticate' }],
        }),
      'one-authz',
    ],
    'a stage that asks a missing cluster': [
      ({ authenticate }) => authenticate('grpc_service.envoy_grpc.cluster_name', 'missing'),
      'one-authz',
    ],
    'no transport API version': ({ authenticate }) => authenticate('transport_api_version', undefined),
  }),
  ...breaks('one-authz', {
    'a stage that asks another server': [
      ({ toolAccess }) => toolAccess('grpc_service.envoy_grpc.cluster_name', 'platform'),
      'authz-connections-renewed',
    ],
    'a route that asks another server': [
      ({ route }) =>
        route('platform')('typed_per_filter_config.authenticate.check_settings.grpc_service', {
          envoy_grpc: { cluster_name: 'platform' },
        }),
      ...['distinct-stages', 'authz-connections-renewed'],
    ],
  }),
  ...breaks('authz-timeout', {
    'a stage without a timeout': ({ authenticate }) => authenticate('grpc_service.timeout', undefined),
    'a stage with a timeout of 0s': ({ toolAccess }) => toolAccess('grpc_service.timeout', '0s'),
    'an idle timeout below the timeouts of the stages': ({ manager }) => manager('stream_idle_timeout', '1s'),
    'an idle timeout of a route below the timeouts of the stages': ({ route }) =>
      route('platform')('route.idle_timeout', '0.5s'),
  }),
  ...breaks('mutation-allow-list', {
    'a stage that may change every header': [
      ({ authenticate }) => authenticate('decoder_header_mutation_rules', undefined),
      'stream-timeouts',
    ],
    'forbidden changes without an error': ({ authenticate }) =>
      authenticate('decoder_header_mutation_rules.disallow_is_error', false),
    'a stage that may change routing headers': ({ authenticate }) =>
      authenticate('decoder_header_mutation_rules.allow_all_routing', true),
    'an expression that allows every header': ({ authenticate }) =>
      authenticate('decoder_header_mutation_rules.allow_expression.regex', '.*'),
    'an expression that allows all headers of Envoy': ({ authenticate }) =>
      authenticate('decoder_header_mutation_rules.allow_expression.regex', 'authorization|x-envoy-.*'),
    'an unreadable expression': ({ toolAccess }) =>
      toolAccess('decoder_header_mutation_rules.allow_expression.regex', '(?i)[[:alpha:]]+'),
    'a tool_access stage that may change which stream is replayed': ({ toolAccess }) =>
      toolAccess('decoder_header_mutation_rules.allow_expression.regex', 'accept-encoding|last-event-id'),
    'a tool_access stage that may change the credential': ({ toolAccess }) =>
      toolAccess('decoder_header_mutation_rules.allow_expression.regex', 'accept-encoding|authorization'),
  }),
  ...breaks('authz-private', {
    'authz on another machine': [
      ({ cluster }) =>
        cluster('authz')('load_assignment.endpoints.0.lb_endpoints.0.endpoint.address', {
          socket_address: { address: '10.0.0.7', port_value: 9000 },
        }),
      ...['one-authz', 'upstream-encrypted'],
    ],
    'authz at an abstract socket': [
      ({ cluster }) =>
        cluster('authz')('load_assignment.endpoints.0.lb_endpoints.0.endpoint.address', {
          pipe: { path: '@authz' },
        }),
      ...['one-authz', 'upstream-encrypted'],
    ],
    'authz without an address': [
      ({ cluster }) => cluster('authz')('load_assignment', undefined),
      ...['one-authz', 'upstream-encrypted'],
    ],
    'authz in the network with one certificate': [
      ({ cluster }) => {
        cluster('authz')('load_assignment.endpoints.0.lb_endpoints.0.endpoint.address', {
          socket_address: { address: '10.0.0.7', port_value: 9000 },
        })
        cluster('authz')('transport_socket', {
          name: 'tls',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
            sni: 'authz.example.com',
            common_tls_context: {
              validation_context: {
                trusted_ca: { filename: '/etc/ssl/certs/ca-certificates.crt' },
                match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'authz.example.com' } }],
              },
            },
          },
        })
      },
      'one-authz',
    ],
  }),
  ...breaks('all-headers-sent', {
    'headers that Envoy does not send to authz': ({ authenticate }) =>
      authenticate('disallowed_headers', { patterns: [{ exact: 'cookie' }] }),
    'a list of the headers that Envoy sends to authz': ({ authenticate }) =>
      authenticate('allowed_headers', { patterns: [{ exact: 'authorization' }] }),
  }),
  ...breaks('no-body-before-authentication', {
    'bodies before authentication': ({ authenticate }) =>
      authenticate('with_request_body', { max_request_bytes: 8192, pack_as_bytes: true }),
    'bodies before authentication on one route': ({ route }) =>
      route('platform')('typed_per_filter_config.authenticate.check_settings.with_request_body', {
        max_request_bytes: 8192,
      }),
  }),
]
