import { breaks } from './broken.ts'

const MATCHER = 'typed_config.matcher.matcher_list.matchers.0'

export const LIST_FILTER = [
  ...breaks('chosen-by-matcher', {
    'another word for it': ({ filter }) =>
      filter('list_filter')(
        `${MATCHER}.predicate.and_matcher.predicate.0.single_predicate.custom_match.typed_config.value`,
        { string_match: { exact: 'not_needed' } },
      ),
    'the name of the filter for that of the metadata': ({ filter }) =>
      filter('list_filter')(
        `${MATCHER}.predicate.and_matcher.predicate.0.single_predicate.input.typed_config.filter`,
        'tool_access',
      ),
    'lists only where the second stage says so': ({ filter }) =>
      filter('list_filter')(
        `${MATCHER}.predicate.and_matcher.predicate.1.not_matcher.single_predicate.custom_match.typed_config.value`,
        { bool_match: true },
      ),
    'something else for whatever does not match': ({ filter }) =>
      filter('list_filter')('typed_config.matcher.on_no_match', {
        action: {
          name: 'skip',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.common.matcher.action.v3.SkipFilter',
          },
        },
      }),
  }),
  ...breaks('list-fails-closed', {
    'lists that pass while authz is down': ({ listFilter }) => listFilter('failure_mode_allow', true),
    'lists that are only looked at': ({ listFilter }) => listFilter('observability_mode', true),
    'refusals that are ignored': ({ listFilter }) => listFilter('disable_immediate_response', true),
    'a failure that is 500': ({ listFilter }) => listFilter('status_on_error', undefined),
  }),
  ...breaks('list-bodies-seen', {
    'bodies that are not sent': ({ listFilter }) => listFilter('processing_mode.response_body_mode', 'NONE'),
    'bodies that are held back': ({ listFilter }) =>
      listFilter('processing_mode.response_body_mode', 'BUFFERED'),
    'headers that are not sent': ({ listFilter }) =>
      listFilter('processing_mode.response_header_mode', 'SKIP'),
    'requests that are sent': ({ listFilter }) => listFilter('processing_mode.request_header_mode', 'SEND'),
    'no word about it': ({ listFilter }) => listFilter('processing_mode', undefined),
  }),
  ...breaks('list-overrides', {
    'any mode': ({ listFilter }) => listFilter('allowed_override_modes', undefined),
    'bodies of requests': ({ listFilter }) =>
      listFilter('allowed_override_modes.0.request_body_mode', 'STREAMED'),
    'bodies held back': ({ listFilter }) =>
      listFilter('allowed_override_modes.1', { response_body_mode: 'BUFFERED' }),
  }),
  ...breaks('list-timeout', {
    'no time to answer in': ({ listFilter }) => listFilter('message_timeout', undefined),
    'all the time in the world': ({ listFilter }) => listFilter('message_timeout', '0s'),
    'a time that authz chooses': ({ listFilter }) => listFilter('max_message_timeout', '3600s'),
  }),
  ...breaks('list-own-connections', {
    'answers on the connections of checks': ({ listFilter }) =>
      listFilter('grpc_service.envoy_grpc.cluster_name', 'authz'),
  }),
  ...breaks('list-reads-little', {
    'every header': ({ listFilter }) => listFilter('forward_rules', undefined),
    cookies: ({ listFilter }) =>
      listFilter('forward_rules.allowed_headers.patterns.3', { exact: 'set-cookie' }),
    'a pattern of headers': ({ listFilter }) =>
      listFilter('forward_rules.allowed_headers.patterns.1', { prefix: 'content-' }),
    attributes: ({ listFilter }) => listFilter('response_attributes', ['request.headers']),
  }),
  ...breaks('list-changes-nothing-else', {
    'headers that may change': ({ listFilter }) => listFilter('mutation_rules', undefined),
    'some headers that may change': ({ listFilter }) =>
      listFilter('mutation_rules.allow_expression', { regex: 'set-cookie' }),
    'what other filters noted': ({ listFilter }) =>
      listFilter('metadata_options.forwarding_namespaces.untyped.1', 'envoy.lb'),
    'words put into authz’s mouth': ({ listFilter }) =>
      listFilter('metadata_options.receiving_namespaces', { untyped: ['envoy.filters.http.ext_authz'] }),
    'a new route': ({ listFilter }) => listFilter('route_cache_action', 'CLEAR'),
  }),
  ...breaks('list-only-when-chosen', {
    'a list filter for all': [
      ({ insert }) =>
        insert('envoy.filters.http.router', {
          name: 'all_answers',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor',
            grpc_service: {
              envoy_grpc: { cluster_name: 'authz-answers' },
              initial_metadata: [{ key: 'x-stage', value: 'all_answers' }],
            },
            status_on_error: { code: 'ServiceUnavailable' },
            message_timeout: '1s',
            processing_mode: {
              request_header_mode: 'SKIP',
              response_header_mode: 'SEND',
              response_body_mode: 'STREAMED',
            },
            forward_rules: { allowed_headers: { patterns: [{ exact: 'content-type' }] } },
            mutation_rules: { disallow_all: true },
            metadata_options: { forwarding_namespaces: { untyped: ['envoy.filters.http.ext_authz'] } },
          },
        }),
      'nothing-after-authz',
    ],
  }),
]
