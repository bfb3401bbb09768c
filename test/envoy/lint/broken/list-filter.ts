import { breaks } from './broken.ts'

const MATCHER = 'typed_config.matcher.matcher_list.matchers.0'

export const LIST_FILTER = [
  ...breaks('chosen-by-matcher', {
    'not_needed in place of needed': ({ filter }) =>
      filter('list_filter')(
        `${MATCHER}.predicate.and_matcher.predicate.0.single_predicate.custom_match.typed_config.value`,
        { string_match: { exact: 'not_needed' } },
      ),
    'the name of the filter in place of the metadata namespace': ({ filter }) =>
      filter('list_filter')(
        `${MATCHER}.predicate.and_matcher.predicate.0.single_predicate.input.typed_config.filter`,
        'tool_access',
      ),
    'a list filter only for list: true in the metadata of tool_access': ({ filter }) =>
      filter('list_filter')(
        `${MATCHER}.predicate.and_matcher.predicate.1.not_matcher.single_predicate.custom_match.typed_config.value`,
        { bool_match: true },
      ),
    'another action for requests that do not match': ({ filter }) =>
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
    'a list filter that only observes': ({ listFilter }) => listFilter('observability_mode', true),
    'refusals of the list filter that Envoy ignores': ({ listFilter }) =>
      listFilter('disable_immediate_response', true),
    'a failure of the list filter with status 500': ({ listFilter }) =>
      listFilter('status_on_error', undefined),
  }),
  ...breaks('list-bodies-sent', {
    'bodies that are not sent': ({ listFilter }) => listFilter('processing_mode.response_body_mode', 'NONE'),
    'buffered bodies': ({ listFilter }) => listFilter('processing_mode.response_body_mode', 'BUFFERED'),
    'headers that are not sent': ({ listFilter }) =>
      listFilter('processing_mode.response_header_mode', 'SKIP'),
    'request headers that are sent': ({ listFilter }) =>
      listFilter('processing_mode.request_header_mode', 'SEND'),
    'no processing_mode': ({ listFilter }) => listFilter('processing_mode', undefined),
  }),
  ...breaks('list-overrides', {
    'an override to any mode': ({ listFilter }) => listFilter('allowed_override_modes', undefined),
    'an override to a mode with request bodies': ({ listFilter }) =>
      listFilter('allowed_override_modes.0.request_body_mode', 'STREAMED'),
    'an override to a mode with buffered bodies': ({ listFilter }) =>
      listFilter('allowed_override_modes.1', { response_body_mode: 'BUFFERED' }),
  }),
  ...breaks('list-timeout', {
    'a list filter without a timeout': ({ listFilter }) => listFilter('message_timeout', undefined),
    'a list filter with a timeout of 0s': ({ listFilter }) => listFilter('message_timeout', '0s'),
    'a timeout that authz may extend': ({ listFilter }) => listFilter('max_message_timeout', '3600s'),
  }),
  ...breaks('list-own-connections', {
    'answers on the connections of checks': ({ listFilter }) =>
      listFilter('grpc_service.envoy_grpc.cluster_name', 'authz'),
  }),
  ...breaks('list-gets-no-secrets', {
    'a list filter that gets every header': ({ listFilter }) => listFilter('forward_rules', undefined),
    'a list filter that gets cookies': ({ listFilter }) =>
      listFilter('forward_rules.allowed_headers.patterns.3', { exact: 'set-cookie' }),
    'a list filter that gets headers by a pattern': ({ listFilter }) =>
      listFilter('forward_rules.allowed_headers.patterns.1', { prefix: 'content-' }),
    'a list filter that gets attributes of the request': ({ listFilter }) =>
      listFilter('response_attributes', ['request.headers']),
  }),
  ...breaks('list-changes-nothing-else', {
    'no mutation rules': ({ listFilter }) => listFilter('mutation_rules', undefined),
    'mutation rules that allow a header': ({ listFilter }) =>
      listFilter('mutation_rules.allow_expression', { regex: 'set-cookie' }),
    'metadata of other filters': ({ listFilter }) =>
      listFilter('metadata_options.forwarding_namespaces.untyped.1', 'envoy.lb'),
    'metadata that the list filter may set': ({ listFilter }) =>
      listFilter('metadata_options.receiving_namespaces', { untyped: ['envoy.filters.http.ext_authz'] }),
    'a list filter that clears the route': ({ listFilter }) => listFilter('route_cache_action', 'CLEAR'),
  }),
  ...breaks('list-only-when-chosen', {
    'a list filter for every answer': [
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
