import { breaks, OF_ANSWERS } from './broken.ts'

const TLS = 'transport_socket.typed_config'
const VALIDATION = `${TLS}.common_tls_context.validation_context`
const CONNECTIONS = [
  ...['typed_extension_protocol_options', 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'],
  'common_http_protocol_options',
]
const IDLE_TIMEOUT = [...CONNECTIONS, 'idle_timeout']
const MAX_REQUESTS = [...CONNECTIONS, 'max_requests_per_connection']
const FORMAT = ['access_log', 0, 'typed_config', 'log_format']

const TRACER = {
  '@type': 'type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig',
  service_name: 'connect-envoy',
}

export const ELSEWHERE = [
  ...breaks('idle-connections', {
    'a service whose idle connections Envoy keeps for an hour': ({ cluster }) =>
      cluster('files')(IDLE_TIMEOUT, undefined),
    'a cluster without HTTP options': ({ cluster }) =>
      cluster('consent-ui')('typed_extension_protocol_options', undefined),
    'idle connections without a timeout': ({ cluster }) => cluster('authz')(IDLE_TIMEOUT, '0s'),
    'connections that consent-ui closes first': ({ cluster }) => cluster('consent-ui')(IDLE_TIMEOUT, '45s'),
  }),
  ...breaks('authz-connections-renewed', {
    'connections to authz without renewal': ({ cluster }) => cluster('authz')(MAX_REQUESTS, undefined),
    'connections with more requests than authz allows resets': ({ cluster }) =>
      cluster('authz')(MAX_REQUESTS, 1001),
    'connections without a limit': ({ cluster }) => cluster('authz')(MAX_REQUESTS, 0),
  }),
  ...breaks('upstream-encrypted', {
    'a service on another machine without TLS': ({ cluster }) =>
      cluster('files')('transport_socket', undefined),
    'consent-ui on another machine without TLS, even with plaintext': ({ cluster }) => {
      cluster('consent-ui')('load_assignment.endpoints.0.lb_endpoints.0.endpoint.address', {
        socket_address: { address: '10.0.0.7', port_value: 3000 },
      })
      cluster('consent-ui')('metadata', { filter_metadata: { quilt_connect: { plaintext: 'true' } } })
    },
    'a host name that begins with 127.0.0.1': ({ cluster }) =>
      cluster('platform')(
        'load_assignment.endpoints.0.lb_endpoints.0.endpoint.address.socket_address.address',
        '127.0.0.1.example.com',
      ),
  }),
  ...breaks('upstream-verified', {
    'no certificate authority': ({ cluster }) => cluster('files')(`${VALIDATION}.trusted_ca`, undefined),
    'no verification of certificates': ({ cluster }) => cluster('files')(VALIDATION, undefined),
    'no host name for certificates': ({ cluster }) =>
      cluster('files')(`${VALIDATION}.match_typed_subject_alt_names`, undefined),
    'certificates for any subdomain': ({ cluster }) =>
      cluster('files')(`${VALIDATION}.match_typed_subject_alt_names`, [
        { san_type: 'DNS', matcher: { suffix: '.com' } },
      ]),
    'untrusted certificates': ({ cluster }) =>
      cluster('files')(`${VALIDATION}.trust_chain_verification`, 'ACCEPT_UNTRUSTED'),
    'expired certificates': ({ cluster }) =>
      cluster('files')(`${VALIDATION}.allow_expired_certificate`, true),
    'TLS 1.0': ({ cluster }) =>
      cluster('files')(`${TLS}.common_tls_context.tls_params.tls_minimum_protocol_version`, 'TLSv1_0'),
  }),
  ...breaks('admin-socket', {
    'an admin port on every network interface': ({ root }) =>
      root('admin.address', { socket_address: { address: '0.0.0.0', port_value: 9901 } }),
    'an admin port on loopback': ({ root }) =>
      root('admin.address', { socket_address: { address: '127.0.0.1', port_value: 9901 } }),
    'an admin socket that every user may open': ({ root }) => root('admin.address.pipe.mode', 438),
    'an admin socket without a mode': ({ root }) => root('admin.address.pipe.mode', undefined),
    'an abstract admin socket': ({ root }) => root('admin.address.pipe.path', '@admin'),
  }),
  ...breaks('admin-paths', {
    'an admin interface with every path': ({ root }) => root('admin.allow_paths', undefined),
    'an admin interface that shows the configuration': ({ root }) =>
      root('admin.allow_paths.0', { exact: '/config_dump' }),
    'an admin interface with every path, by prefix': ({ root }) =>
      root('admin.allow_paths.0', { prefix: '/' }),
  }),
  ...breaks('overload', {
    'no limit of connections': ({ root }) => root('overload_manager.resource_monitors.1', undefined),
    'no overload manager': ({ root }) => root('overload_manager', undefined),
    'an action for another monitor': ({ root }) =>
      root('overload_manager.actions.2.triggers.0.name', 'envoy.resource_monitors.other'),
    'a monitor without an action': ({ root }) => root('overload_manager.actions', []),
  }),
  ...breaks('rate-limit', {
    'a rate limit that is not enforced': ({ filter }) =>
      filter('envoy.filters.http.local_ratelimit')('typed_config.filter_enforced.default_value.numerator', 0),
    'one rate limit for all addresses': ({ filter }) =>
      filter('envoy.filters.http.local_ratelimit')('typed_config.descriptors', undefined),
    'no rate limit': ({ order }) =>
      order(
        'request_id',
        'envoy.filters.http.health_check',
        'envoy.filters.http.cors',
        'authenticate',
        'tool_access',
        'body_limit',
        'list_filter',
        ...OF_ANSWERS,
        'envoy.filters.http.router',
      ),
  }),
  ...breaks('access-log-format', {
    'no access log': ({ manager }) => manager('access_log', undefined),
    "no log of a transaction's pages": ({ manager }) => manager('access_log.1', undefined),
    'an access log of only a sample of requests': ({ manager }) =>
      manager('access_log.1.filter', {
        runtime_filter: { runtime_key: 'x', percent_sampled: { numerator: 1 } },
      }),
    'a path of any length in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'path'], '%PATH(NQ)%'),
    'a method of any length in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'method'], '%REQ(:METHOD)%'),
    "an access log in Envoy's default format": ({ manager }) => manager(FORMAT, undefined),
    'an access log of the listener without a format': ({ listener }) =>
      listener('access_log', [
        {
          name: 'stdout',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
          },
        },
      ]),
  }),
  ...breaks('traces-without-paths', {
    'traces with the usual length of paths': ({ manager }) =>
      manager('tracing', { provider: { name: 'envoy.tracers.opentelemetry', typed_config: TRACER } }),
    'traces with short paths': ({ manager }) =>
      manager('tracing', {
        max_path_tag_length: 10,
        provider: { name: 'envoy.tracers.opentelemetry', typed_config: TRACER },
      }),
  }),
  ...breaks('transaction-ids', {
    'an access log that also writes paths with transaction ids': ({ manager }) =>
      manager('access_log.0.filter', undefined),
    "the path in the log of a transaction's pages": ({ manager }) =>
      manager(['access_log', 1, 'typed_config', 'log_format', 'json_format', 'path'], '%PATH(NQ):512%'),
  }),
  ...breaks('nothing-secret-printed', {
    'a token in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'x'], '%REQ(authorization):32%'),
    'a cookie in the access log, by the alternative name': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'x'], '%REQ(:METHOD?COOKIE):32%'),
    'a query in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'path'], '%REQ(:PATH):32%'),
    'a path with its query in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'path'], '%PATH(WQ):32%'),
    'a Set-Cookie header in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'x'], '%RESP(set-cookie)%'),
    'a Location header in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'x'], '%RESP(location)%'),
    'all metadata of authz in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'x'], '%DYNAMIC_METADATA(envoy.filters.http.ext_authz)%'),
    'an environment variable in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'x'], '%ENVIRONMENT(SEALING_KEYS)%'),
    'an unknown operator in the access log': ({ manager }) =>
      manager([...FORMAT, 'json_format', 'x'], '%REQUESTED_SERVER_NAME%'),
    'a token in a response header': ({ route }) =>
      route('preflight')('response_headers_to_add.5', {
        header: { key: 'x-seen', value: '%REQ(authorization)%' },
      }),
  }),
  ...breaks('authz-health-checks', {
    'probes once a minute': ({ cluster }) =>
      cluster('authz')('health_checks', [
        {
          timeout: '1s',
          interval: '1s',
          unhealthy_threshold: 1,
          healthy_threshold: 1,
          grpc_health_check: {},
        },
      ]),
  }),
]
