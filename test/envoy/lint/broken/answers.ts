import { breaks } from './broken.ts'

const MATCHERS = ['custom_response_matcher', 'matcher_list', 'matchers']
const CHAIN = ['typed_config', ...MATCHERS]
const ON_ROUTE = ['typed_per_filter_config', 'http_answers', ...MATCHERS]
const ACTION = ['on_match', 'action', 'typed_config']
const ALLOWED = [
  ...['predicate', 'and_matcher', 'predicate', 1, 'or_matcher', 'predicate', 0, 'not_matcher'],
  ...['single_predicate', 'value_match', 'safe_regex', 'regex'],
]
/** Response headers that every route to a service must remove. */
const MUST_GO = ['set-cookie', 'clear-site-data', 'www-authenticate', 'content-location', 'refresh', 'link']

export const ANSWERS = [
  ...breaks('own-answers', {
    'JSON-RPC on every route': ({ manager }) =>
      manager('local_reply_config.mappers.4.filter.and_filter.filters.0', undefined),
    'JSON-RPC in the last mapper': ({ manager }) =>
      manager(
        'local_reply_config.mappers.12.body_format_override.text_format_source.inline_string',
        '{"jsonrpc":"2.0"}',
      ),
    'a last mapper without a body format': ({ manager }) =>
      manager('local_reply_config.mappers.12.body_format_override', undefined),
    'a last mapper for only some refusals': ({ manager }) =>
      manager('local_reply_config.mappers.12.filter.status_code_filter.comparison.value.default_value', 500),
    'no mapper': ({ manager }) => manager('local_reply_config', undefined),
  }),
  ...breaks('service-answers', {
    'a service that may set cookies': ({ route }) =>
      route('platform')('response_headers_to_remove', ['location', ...MUST_GO.slice(1)]),
    'a service that may clear cookies': ({ route }) =>
      route('files-read')('response_headers_to_remove', ['set-cookie']),
  }),
  ...breaks('service-refusals', {
    'a 401 of an MCP service that reaches the client': ({ filter }) =>
      filter('mcp_answers')([...CHAIN, 0], undefined),
    'a 401 of an HTTP service that reaches the client': ({ filter }) => filter('http_answers')(CHAIN, []),
    'a 401 of authz that becomes 502': ({ filter }) =>
      filter('mcp_answers')([...CHAIN, 0, 'predicate', 'and_matcher', 'predicate', 1], undefined),
    'redirects of an MCP service that reach the client': ({ filter }) =>
      filter('mcp_answers')([...CHAIN, 1], undefined),
    'a route without the filter of answers': ({ route }) =>
      route('platform')('typed_per_filter_config.mcp_answers', undefined),
    'the Location of an MCP service that reaches the client': ({ route }) =>
      route('platform-unsized')('response_headers_to_remove', MUST_GO),
    'redirects to any host': ({ route }) => route('files')([...ON_ROUTE, 0, ...ALLOWED], '.*'),
    'redirects without a check': ({ route }) => route('files-read')(ON_ROUTE, []),
    'a Location that Envoy does not rewrite': ({ route }) =>
      route('files')('typed_per_filter_config.read_location', undefined),
    'a Location that Envoy removes': ({ route }) =>
      route('files-unsized')('typed_per_filter_config.write_location', undefined),
    'a Location that leads to another host': ({ route }) =>
      route('files')(
        'typed_per_filter_config.read_location.response_rules.0.on_header_present.regex_value_rewrite.substitution',
        'https://inner.example\\1\\2',
      ),
    'an answer that becomes a 401': ({ filter }) =>
      filter('http_answers')([...CHAIN, 0, ...ACTION, 'status_code'], 401),
    'an answer that Envoy fetches from elsewhere': ({ filter }) =>
      filter('http_answers')(
        [...CHAIN, 0, ...ACTION, '@type'],
        'type.googleapis.com/envoy.extensions.http.custom_response.redirect_policy.v3.RedirectPolicy',
      ),
    'a filter of answers on every route': ({ filter }) => filter('mcp_answers')('disabled', false),
    'a filter of answers on a route to consent-ui': ({ route }) =>
      route('auth')('typed_per_filter_config.mcp_answers', {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.custom_response.v3.CustomResponse',
      }),
  }),
]
