import { breaks } from './broken.ts'

const EARLY = ['early_header_mutation_extensions', 0, 'typed_config', 'mutations']

export const REQUESTS = [
  ...breaks('normalized-paths', {
    'normalize_path: false': ({ manager }) => manager('normalize_path', false),
    'no normalize_path': ({ manager }) => manager('normalize_path', undefined),
    'normalize_path as a string': ({ manager }) => manager('normalize_path', 'true'),
  }),
  ...breaks('merged-slashes', {
    'repeated slashes that are not merged': ({ manager }) => manager('merge_slashes', undefined),
  }),
  ...breaks('escaped-slashes', {
    'escaped slashes kept': ({ manager }) => manager('path_with_escaped_slashes_action', 'KEEP_UNCHANGED'),
    'escaped slashes decoded': ({ manager }) =>
      manager('path_with_escaped_slashes_action', 'UNESCAPE_AND_FORWARD'),
    'no action for escaped slashes': ({ manager }) => manager('path_with_escaped_slashes_action', undefined),
  }),
  ...breaks('underscores', {
    'header names with underscores that pass': ({ manager }) =>
      manager('common_http_protocol_options.headers_with_underscores_action', 'ALLOW'),
    'no action for underscores in header names': ({ manager }) =>
      manager('common_http_protocol_options.headers_with_underscores_action', undefined),
    'header names with underscores that are dropped without a refusal': ({ manager }) =>
      manager('common_http_protocol_options.headers_with_underscores_action', 'DROP_HEADER'),
  }),
  ...breaks('one-host-name', {
    'a port that stays in the host name': ({ manager }) => manager('strip_any_host_port', undefined),
    'a trailing dot that stays in the host name': ({ manager }) => manager('strip_trailing_host_dot', false),
  }),
  ...breaks('client-address', {
    'use_remote_address: false': ({ manager }) => manager('use_remote_address', false),
    'no number of trusted hops': [({ manager }) => manager('xff_num_trusted_hops', undefined), 'request-ids'],
    'a hundred trusted hops': ({ manager }) => manager('xff_num_trusted_hops', 100),
    'an address from a header': ({ manager }) =>
      manager('original_ip_detection_extensions', [
        {
          name: 'custom_header',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig',
            header_name: 'x-real-ip',
          },
        },
      ]),
    'trusted internal addresses': ({ manager }) =>
      manager('internal_address_config', {
        cidr_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }],
      }),
  }),
  ...breaks('identity-stripped', {
    'a prefix that is not removed': ({ manager }) => manager([...EARLY, 0], { remove: 'x-unheard-of' }),
    'a name that is not removed': ({ manager }) => manager([...EARLY, 4], { remove: 'x-forwarded-user-id' }),
    'a traceparent that a client may choose': ({ manager }) =>
      manager([...EARLY, 28], { remove: 'traceparent-of-others' }),
    'no early header mutation': ({ manager }) => manager('early_header_mutation_extensions', undefined),
    'a prefix that is one letter too long': ({ manager }) =>
      manager([...EARLY, 0, 'remove_on_match', 'key_matcher', 'prefix'], 'x-quilt-u'),
    'an early mutation that adds a header': ({ manager }) =>
      manager([...EARLY, '+'], { append: { header: { key: 'x-quilt-user', value: 'root' } } }),
  }),
  ...breaks('header-limits', {
    'no limit for the size of headers': ({ manager }) => manager('max_request_headers_kb', undefined),
    'a header limit of a megabyte': ({ manager }) => manager('max_request_headers_kb', 1024),
    'no limit for the number of headers': ({ manager }) =>
      manager('common_http_protocol_options.max_headers_count', undefined),
  }),
  ...breaks('client-idle', {
    'client connections without an idle timeout': ({ manager }) =>
      manager('common_http_protocol_options.idle_timeout', undefined),
    'an idle timeout of an hour for clients that connect to Envoy directly': [
      ({ manager }) => manager('xff_num_trusted_hops', 0),
      'request-ids',
    ],
  }),
  ...breaks('request-timeouts', {
    'no timeout for headers': ({ manager }) => manager('request_headers_timeout', undefined),
    'no timeout for bodies': ({ manager }) => manager('request_timeout', '0s'),
    'no idle timeout for streams': ({ manager }) => manager('stream_idle_timeout', '0s'),
    'an idle timeout of an hour for streams': ({ manager }) => manager('stream_idle_timeout', '3600s'),
  }),
  ...breaks('http2-limits', {
    'a thousand streams on one connection': ({ manager }) =>
      manager('http2_protocol_options.max_concurrent_streams', 1024),
    'no limit of streams on one connection': ({ manager }) =>
      manager('http2_protocol_options.max_concurrent_streams', 0),
    'no limit of the connection window': ({ manager }) =>
      manager('http2_protocol_options.initial_connection_window_size', undefined),
  }),
  ...breaks('strict-http1', {
    'a chunked body with a content-length': ({ manager }) =>
      manager('http_protocol_options', { allow_chunked_length: true }),
    'requests without a host': ({ manager }) =>
      manager('http_protocol_options', { accept_http_10: true, default_host_for_http_10: 'x' }),
    'unknown methods': ({ manager }) => manager('http_protocol_options', { allow_custom_methods: true }),
    'a chunked body with a content-length to a service': ({ cluster }) =>
      cluster('platform')(
        [
          'typed_extension_protocol_options',
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          'explicit_http_config',
        ],
        { http_protocol_options: { allow_chunked_length: true } },
      ),
  }),
  ...breaks('no-upgrades', {
    WebSocket: ({ manager }) => manager('upgrade_configs', [{ upgrade_type: 'websocket' }]),
    'a route that allows an upgrade': ({ route }) =>
      route('platform')('route.upgrade_configs', [{ upgrade_type: 'websocket' }]),
    'CONNECT over HTTP/2': ({ manager }) => manager('http2_protocol_options.allow_connect', true),
    'a route for CONNECT': ({ route }) => route('preflight')('match', { connect_matcher: {} }),
  }),
  ...breaks('client-certificates', {
    'client certificates from a header': ({ manager }) =>
      manager('forward_client_cert_details', 'ALWAYS_FORWARD_ONLY'),
  }),
  ...breaks('request-ids', {
    'request ids that clients choose': ({ manager }) => manager('preserve_external_request_id', true),
    'no request ids': ({ manager }) => manager('generate_request_id', false),
    'no id of the load balancer': ({ manager }) => manager('http_filters.0', undefined),
    'a request_id filter that is off': ({ filter }) => filter('request_id')('disabled', true),
    'a header that becomes metadata of authz': ({ filter }) =>
      filter('request_id')(
        'typed_config.request_rules.0.on_header_present.metadata_namespace',
        'envoy.filters.http.ext_authz',
      ),
    'a second header that becomes metadata': ({ filter }) =>
      filter('request_id')('typed_config.request_rules.+', {
        header: 'x-a',
        on_header_present: { metadata_namespace: 'quilt_connect', key: 'a' },
      }),
    'a header of the client that is removed': ({ filter }) =>
      filter('request_id')('typed_config.request_rules.0.remove', true),
    'ids from clients without a load balancer': [
      ({ manager }) => manager('xff_num_trusted_hops', 0),
      'client-idle',
    ],
    'a log without the request id': ({ manager }) =>
      manager('access_log.1.typed_config.log_format.json_format.request', '%STREAM_ID%'),
    "a log without Envoy's id": ({ manager }) =>
      manager('access_log.0.typed_config.log_format.json_format.x_request_id', undefined),
  }),
  ...breaks('http-only', {
    'a TCP proxy': [
      ({ listener }) =>
        listener('filter_chains.0.filters.0', {
          name: 'tcp',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
            stat_prefix: 'tcp',
            cluster: 'platform',
          },
        }),
      'known-fields',
    ],
    'a TCP proxy in a second chain': [
      ({ listener }) =>
        listener('filter_chains.1', {
          filters: [
            {
              name: 'tcp',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
                stat_prefix: 'tcp',
                cluster: 'platform',
              },
            },
          ],
        }),
      'known-fields',
    ],
    'a listener without a chain': ({ listener }) => listener('filter_chains', undefined),
  }),
]
