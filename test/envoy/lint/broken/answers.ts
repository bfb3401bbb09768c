import { breaks } from './broken.ts'

const MATCHERS = ['custom_response_matcher', 'matcher_list', 'matchers']
const CHAIN = ['typed_config', ...MATCHERS]
const ON_ROUTE = ['typed_per_filter_config', 'http_answers', ...MATCHERS]
const ACTION = ['on_match', 'action', 'typed_config']
const ALLOWED = [
  ...['predicate', 'and_matcher', 'predicate', 1, 'or_matcher', 'predicate', 0, 'not_matcher'],
  ...['single_predicate', 'value_match', 'safe_regex', 'regex'],
]
/** What every route to a service must remove. */
const MUST_GO = ['set-cookie', 'clear-site-data', 'www-authenticate', 'content-location', 'refresh', 'link']

/** What clients are answered. */
export const ANSWERS = [
  ...breaks('own-answers', {
    'JSON-RPC on every route': ({ manager }) =>
      manager('local_reply_config.mappers.4.filter.and_filter.filters.0', undefined),
    'JSON-RPC as the last resort': ({ manager }) =>
      manager(
        'local_reply_config.mappers.12.body_format_override.text_format_source.inline_string',
        '{"jsonrpc":"2.0"}',
      ),
    'plain text as the last resort': ({ manager }) =>
      manager('local_reply_config.mappers.12.body_format_override', undefined),
    'a last resort for some refusals': ({ manager }) =>
      manager('local_reply_config.mappers.12.filter.status_code_filter.comparison.value.default_value', 500),
    'no words of our own': ({ manager }) => manager('local_reply_config', undefined),
  }),
  ...breaks('service-answers', {
    'cookies that a service sets': ({ route }) =>
      route('platform')('response_headers_to_remove', ['location', ...MUST_GO.slice(1)]),
    'a service that signs people out': ({ route }) =>
      route('files-read')('response_headers_to_remove', ['set-cookie']),
  }),
  ...breaks('service-refusals', {
    "an MCP service's own 401": ({ filter }) => filter('mcp_answers')([...CHAIN, 0], undefined),
    "an HTTP service's own 401": ({ filter }) => filter('http_answers')(CHAIN, []),
    "a 401 of authz's that becomes 502": ({ filter }) =>
      filter('mcp_answers')([...CHAIN, 0, 'predicate', 'and_matcher', 'predicate', 1], undefined),
    'redirects of an MCP service': ({ filter }) => filter('mcp_answers')([...CHAIN, 1], undefined),
    'a route without words of ours': ({ route }) =>
      route('platform')('typed_per_filter_config.mcp_answers', undefined),
    "an MCP service's Location": ({ route }) =>
      route('platform-unsized')('response_headers_to_remove', MUST_GO),
    'redirects to everywhere': ({ route }) => route('files')([...ON_ROUTE, 0, ...ALLOWED], '.*'),
    'redirects without a check': ({ route }) => route('files-read')(ON_ROUTE, []),
    'a Location that is left as it is': ({ route }) =>
      route('files')('typed_per_filter_config.read_location', undefined),
    'a Location that is taken away': ({ route }) =>
      route('files-unsized')('typed_per_filter_config.write_location', undefined),
    'a Location that leads to another host': ({ route }) =>
      route('files')(
        'typed_per_filter_config.read_location.response_rules.0.on_header_present.regex_value_rewrite.substitution',
        'https://inner.example\\1\\2',
      ),
    'an answer that becomes a 401': ({ filter }) =>
      filter('http_answers')([...CHAIN, 0, ...ACTION, 'status_code'], 401),
    'an answer from elsewhere': ({ filter }) =>
      filter('http_answers')(
        [...CHAIN, 0, ...ACTION, '@type'],
        'type.googleapis.com/envoy.extensions.http.custom_response.redirect_policy.v3.RedirectPolicy',
      ),
    'other words for every route': ({ filter }) => filter('mcp_answers')('disabled', false),
    'other words for consent-ui': ({ route }) =>
      route('auth')('typed_per_filter_config.mcp_answers', {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.custom_response.v3.CustomResponse',
      }),
  }),
]
