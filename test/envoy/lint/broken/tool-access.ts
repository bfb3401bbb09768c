import { breaks, OF_ANSWERS } from './broken.ts'

export const TOOL_ACCESS = [
  ...breaks('skipped-only-when-not-needed', {
    'a check only if the metadata says needed': ({ toolAccess }) =>
      toolAccess('filter_enabled_metadata', {
        filter: 'envoy.filters.http.ext_authz',
        path: [{ key: 'tool_access' }],
        value: { string_match: { exact: 'needed' } },
      }),
    'a condition that is not inverted': ({ toolAccess }) =>
      toolAccess('filter_enabled_metadata.invert', undefined),
    'the name of the filter in place of the metadata namespace': ({ toolAccess }) =>
      toolAccess('filter_enabled_metadata.filter', 'authenticate'),
    'a check of only a share of calls': ({ toolAccess }) =>
      toolAccess('filter_enabled', { default_value: { numerator: 50, denominator: 'HUNDRED' } }),
  }),
  ...breaks('session-passed-on', {
    'a tool_access stage without the session': ({ toolAccess }) =>
      toolAccess('metadata_context_namespaces', undefined),
    'the name of the filter in place of the metadata namespace': ({ toolAccess }) =>
      toolAccess('metadata_context_namespaces', ['authenticate']),
    'a list filter without the session': ({ listFilter }) => listFilter('metadata_options', undefined),
    'ignored metadata': ({ authenticate }) => authenticate('enable_dynamic_metadata_ingestion', false),
  }),
  ...breaks('distinct-stages', {
    'one x-stage for two stages': ({ toolAccess }) =>
      toolAccess('grpc_service.initial_metadata.0.value', 'authenticate'),
    'a stage without x-stage': ({ listFilter }) => listFilter('grpc_service.initial_metadata', undefined),
    'an x-stage from the request': [
      ({ toolAccess }) => toolAccess('grpc_service.initial_metadata.0.value', '%REQ(x-stage)%'),
      'nothing-secret-printed',
    ],
    'two x-stage of one stage': ({ toolAccess }) =>
      toolAccess('grpc_service.initial_metadata.1', { key: 'x-stage', value: 'authenticate' }),
    'one name for two filters': [
      ({ filter }) => filter('tool_access')('name', 'authenticate'),
      'settings-reach-a-filter',
    ],
    'one stat_prefix for two stages': ({ toolAccess }) => toolAccess('stat_prefix', undefined),
  }),
  ...breaks('calls-are-checked', {
    'a chain without tool_access': [
      ({ order }) =>
        order(
          'request_id',
          'envoy.filters.http.health_check',
          'envoy.filters.http.cors',
          'envoy.filters.http.local_ratelimit',
          'authenticate',
          'body_limit',
          'list_filter',
          ...OF_ANSWERS,
          'envoy.filters.http.router',
        ),
      'settings-reach-a-filter',
    ],
    'no list filter': ({ order }) =>
      order(
        'request_id',
        'envoy.filters.http.health_check',
        'envoy.filters.http.cors',
        'envoy.filters.http.local_ratelimit',
        'authenticate',
        'tool_access',
        'body_limit',
        ...OF_ANSWERS,
        'envoy.filters.http.router',
      ),
  }),
  ...breaks('whole-body', {
    'a tool_access check without the body': ({ toolAccess }) => toolAccess('with_request_body', undefined),
    'a tool_access check with only the beginning of a body': ({ toolAccess }) =>
      toolAccess('with_request_body.allow_partial_message', true),
    'a tool_access check with the body as a string': ({ toolAccess }) =>
      toolAccess('with_request_body.pack_as_bytes', undefined),
    'a body larger than authz takes': ({ toolAccess }) =>
      toolAccess('with_request_body.max_request_bytes', 10_000_000),
    'a tool_access check without the body on one route': ({ route }) =>
      route('platform')(
        'typed_per_filter_config.tool_access.check_settings.disable_request_body_buffering',
        true,
      ),
    'a tool_access check with only the beginning of a body on one route': ({ route }) =>
      route('platform')('typed_per_filter_config.tool_access.check_settings.with_request_body', {
        max_request_bytes: 1_048_576,
        pack_as_bytes: true,
        allow_partial_message: true,
      }),
  }),
  ...breaks('buffers-below-body-limit', {
    "Envoy's default buffer limit": ({ listener }) =>
      listener('per_connection_buffer_limit_bytes', undefined),
    'a buffer without a limit': ({ listener }) => listener('per_connection_buffer_limit_bytes', 0),
    'a buffer as large as a body': ({ listener }) => listener('per_connection_buffer_limit_bytes', 1_048_576),
    "Envoy's default stream window": [
      ({ manager }) => manager('http2_protocol_options.initial_stream_window_size', undefined),
      'http2-limits',
    ],
    'a body limit as small as the buffer': ({ toolAccess }) =>
      toolAccess('with_request_body.max_request_bytes', 32_768),
  }),
  ...breaks('credential-sent-once', {
    'a tool_access check with the credential': ({ toolAccess }) =>
      toolAccess('disallowed_headers', undefined),
  }),
]
