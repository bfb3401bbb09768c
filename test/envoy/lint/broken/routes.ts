import { breaks } from './broken.ts'

const PER_ROUTE = 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute'
const OFF = { '@type': PER_ROUTE, disabled: true }
const PAGE_OF_EVERY_PATH = {
  prefix: '/',
  headers: [
    { name: ':method', string_match: { exact: 'GET' } },
    { name: 'accept', string_match: { prefix: 'text/html' } },
    { name: 'authorization', present_match: false },
  ],
}

export const ROUTES = [
  ...breaks('settings-reach-a-filter', {
    "settings under Envoy's name of the filter, which are ignored": ({ route }) =>
      route('connect')(['typed_per_filter_config', 'envoy.filters.http.ext_authz'], OFF),
    'settings of another filter': ({ route }) =>
      route('nothing')(['typed_per_filter_config', 'envoy.filters.http.cors'], OFF),
    'a misspelt name for a whole host': ({ host }) =>
      host('connect')('typed_per_filter_config.autenticate', OFF),
  }),
  ...breaks('open-routes', {
    'a service without authz': [
      ({ route }) => {
        route('platform')('typed_per_filter_config.authenticate', OFF)
        route('platform')('typed_per_filter_config.tool_access', OFF)
      },
      ...['service-context', 'one-upstream-per-service'],
    ],
    'calls without a check': [
      ({ route }) => route('platform-unsized')('typed_per_filter_config.tool_access', OFF),
      'service-context',
    ],
    'unreadable settings': [
      ({ route }) =>
        route('platform')('typed_per_filter_config.authenticate', {
          '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig',
          disabled: true,
        }),
      ...['known-fields', 'settings-reach-a-filter', 'service-context', 'one-upstream-per-service'],
    ],
    'a whole host with one stage off': ({ host }) =>
      host('connect')('typed_per_filter_config.authenticate', OFF),
    'a page with one stage on': ({ route }) =>
      route('discovery')('typed_per_filter_config.tool_access', undefined),
    'a second cluster at the address of an open one': [
      ({ cluster, route }) => {
        cluster('consent-ui')('name', 'consent')
        route('discovery')('route.cluster', 'consent')
      },
      ...['routes-lead-somewhere', 'service-context', 'service-answers', 'service-bodies'],
      ...['insecure-pages', 'never-twice', 'service-refusals'],
    ],
  }),
  ...breaks('service-context', {
    'a route that names no service': [
      ({ route }) => {
        const settings = { '@type': PER_ROUTE, check_settings: {} }
        route('files')('typed_per_filter_config.authenticate', settings)
        route('files')('typed_per_filter_config.tool_access', settings)
      },
      'one-upstream-per-service',
    ],
    'a route without settings for one stage': ({ route }) =>
      route('platform')('typed_per_filter_config.tool_access', undefined),
    'stages with different services': ({ route }) =>
      route('files')(
        'typed_per_filter_config.tool_access.check_settings.context_extensions.service',
        'platform',
      ),
    'the path of another route': ({ route }) => {
      for (const stage of ['authenticate', 'tool_access'])
        route('platform')(
          `typed_per_filter_config.${stage}.check_settings.context_extensions.path`,
          '/mcp/plat',
        )
    },
  }),
  ...breaks('one-upstream-per-service', {
    "a route to another service's cluster": ({ route }) => route('files')('route.cluster', 'platform'),
    'a service at the address of consent-ui': ({ cluster }) =>
      cluster('platform')('load_assignment.endpoints.0.lb_endpoints.0.endpoint.address', {
        socket_address: { address: '127.0.0.1', port_value: 3000 },
      }),
  }),
  ...breaks('service-paths', {
    'a prefix without a boundary': [
      ({ route }) => route('files')('match', { prefix: '/files', headers: [] }),
      ...['service-context', 'service-bodies', 'insecure-pages'],
    ],
    'a path that is a regular expression': [
      ({ route }) => route('platform')('match', { safe_regex: { regex: '/mcp.*' } }),
      ...['service-context', 'service-bodies', 'insecure-pages'],
    ],
    'a path that matches in any case': ({ route }) => route('platform')('match.case_sensitive', false),
  }),
  ...breaks('every-path-has-a-route', {
    'no route for every other path': ({ route }) => route('nothing')('match.prefix', '/nothing'),
    'a condition on the route for every other path': ({ route }) =>
      route('nothing')('match.headers', [{ name: 'x', present_match: true }]),
  }),
  ...breaks('pages-after-services', {
    'a page for every client': ({ route }) => route('page')('match.headers', []),
    'a page for a browser that shows a token': ({ route }) =>
      route('page')('match.headers', [
        { name: ':method', string_match: { exact: 'GET' } },
        { name: 'accept', string_match: { prefix: 'text/html' } },
      ]),
    'a page before the services': ({ route }) => route('connect')('match', PAGE_OF_EVERY_PATH),
  }),
  ...breaks('other-hosts', {
    'a virtual host for every host': ({ host }) => {
      host('connect')('domains', ['*'])
      host('other-hosts')('domains', ['other.example.com'])
    },
    'a virtual host with a wildcard': ({ host }) => host('connect')('domains', ['*.example.com']),
    'a virtual host that matches by prefix': ({ host }) => host('connect')('domains', ['connect.*']),
  }),
  ...breaks('never-twice', {
    'a retry at a service': ({ route }) =>
      route('platform')('route.retry_policy', { retry_on: 'connect-failure' }),
    'a retry after consent-ui began to answer': ({ route }) =>
      route('auth')('route.retry_policy.retry_on', 'reset-before-request,5xx'),
    'a retry without a condition': ({ route }) => route('auth')('route.retry_policy', { num_retries: 1 }),
    'a retry for a whole host': [
      ({ host }) => host('connect')('retry_policy', { retry_on: 'connect-failure' }),
      'known-fields',
    ],
  }),
  ...breaks('nothing-reroutes', {
    'a new route after authz': ({ authenticate }) => authenticate('clear_route_cache', true),
    'a cluster from a header': [
      ({ route }) => {
        route('platform')('route.cluster', undefined)
        route('platform')('route.cluster_header', 'x-cluster')
      },
      ...['routes-lead-somewhere', 'one-upstream-per-service'],
    ],
    'redirects that Envoy follows': ({ route }) => route('platform')('route.internal_redirect_policy', {}),
    'a mirrored request': ({ route }) =>
      route('platform')('route.request_mirror_policies', [{ cluster: 'files' }]),
    'two clusters for one route': [
      ({ route }) => {
        route('platform')('route.cluster', undefined)
        route('platform')('route.weighted_clusters', {
          clusters: [
            { name: 'platform', weight: 1 },
            { name: 'files', weight: 1 },
          ],
        })
      },
      ...['routes-lead-somewhere', 'one-upstream-per-service'],
    ],
  }),
  ...breaks('plain-rewrites', {
    'a host from a header': ({ route }) => {
      route('platform')('route.host_rewrite_literal', undefined)
      route('platform')('route.host_rewrite_header', 'x-host')
    },
    'a host from DNS': ({ route }) => {
      route('platform')('route.host_rewrite_literal', undefined)
      route('platform')('route.auto_host_rewrite', true)
    },
    'a path from an expression': ({ route }) =>
      route('files')('route.regex_rewrite', { pattern: { regex: '/(.*)' }, substitution: '\\1' }),
    'a folder without its last slash': ({ route }) =>
      route('files')('route.regex_rewrite.substitution', '/files'),
  }),
  ...breaks('authz-headers-kept', {
    'a route that removes the credential': ({ route }) =>
      route('platform')('request_headers_to_remove', ['Authorization']),
    'a host that removes an identity header': ({ host }) =>
      host('connect')('request_headers_to_remove', ['x-quilt-user']),
    'an identity for every user': ({ route }) =>
      route('platform')('request_headers_to_add', [{ header: { key: 'x-auth-subject', value: 'admin' } }]),
    'a credential for every user': ({ manager }) =>
      manager('route_config.request_headers_to_add', [
        { header: { key: 'authorization', value: 'Bearer x' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
      ]),
    'a route that sends another host name': ({ route }) =>
      route('platform')('request_headers_to_add', [{ header: { key: 'host', value: 'other' } }]),
  }),
  ...breaks('stream-timeouts', {
    "Envoy's default timeout of 15 seconds": ({ route }) => route('platform')('route.timeout', undefined),
    'streams without a max duration': [
      ({ authenticate }) =>
        authenticate('decoder_header_mutation_rules.allow_expression.regex', 'authorization|cookie'),
      'mutation-allow-list',
    ],
    'no idle timeout': ({ route }) => route('platform')('route.idle_timeout', '0s'),
  }),
  ...breaks('service-bodies', {
    'bodies of any length': ({ route }) => route('platform')('match.headers', undefined),
    'bodies of any length without a content-length': ({ route }) =>
      route('platform-unsized')('typed_per_filter_config.body_limit', undefined),
    'bodies of any length on read routes, over HTTP/2': ({ route }) =>
      route('files-read')('typed_per_filter_config.body_limit', undefined),
    'bodies of every other length': ({ route }) => route('platform')('match.headers.0.invert_match', true),
    'a body limit that is off': ({ route }) =>
      route('platform-unsized')('typed_per_filter_config.body_limit', {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute',
        disabled: true,
      }),
    'a service with two body limits': ({ route }) =>
      route('files-unsized')('typed_per_filter_config.body_limit.buffer.max_request_bytes', 1024),
  }),
  ...breaks('reading-routes', {
    'every method on a read route': ({ route }) =>
      route('files-read')('match.headers.0.string_match.safe_regex.regex', '.*'),
    'bodies on read routes': [
      ({ route }) => route('files-read')('match.headers.1', undefined),
      'service-bodies',
    ],
    'the context reads on a route that writes': ({ route }) => {
      for (const stage of ['authenticate', 'tool_access'])
        route('files-unsized')(
          `typed_per_filter_config.${stage}.check_settings.context_extensions.reads`,
          'true',
        )
    },
  }),
  ...breaks('methods-listed', {
    'methods of any name': ({ route }) =>
      route('other-methods')('match.headers.0.string_match.safe_regex.regex', '[A-Z]+'),
    'a list of methods with TRACE': ({ route }) =>
      route('other-methods')('match.headers.0.string_match.safe_regex.regex', 'GET|HEAD|POST|DELETE|TRACE'),
    'a list of refused methods': ({ route }) =>
      route('other-methods')('match.headers.0.invert_match', undefined),
    'a list of refused methods, with invert_match: false': ({ route }) =>
      route('other-methods')('match.headers.0.invert_match', false),
    'no list of methods': ({ route }) =>
      route('other-methods')('match.headers.0.string_match', { prefix: 'TRACE' }),
    'a list of methods for only some paths': ({ route }) => route('other-methods')('match.prefix', '/mcp'),
    'a refused method with status 200': ({ route }) => route('other-methods')('direct_response.status', 200),
  }),
  ...breaks('insecure-pages', {
    'a guard that looks for another scheme': ({ route }) =>
      route('insecure-origin')('match.headers.0.string_match.prefix', 'ftp://'),
    'a guard that misses an origin in capitals': ({ route }) =>
      route('insecure-origin')('match.headers.0.string_match.ignore_case', undefined),
    'a guard with an exception for every origin': ({ route }) =>
      route('insecure-origin')('match.headers.1.string_match.safe_regex.regex', 'http://.*'),
    'a service whose lower paths the guard does not name': ({ route }) =>
      route('insecure-origin')('match.safe_regex.regex', '/mcp/platform/mcp|/mcp/platform|/mcp|/files'),
    'a service that the guard does not name': ({ route }) =>
      route('insecure-origin')('match.safe_regex.regex', '(/mcp)(/.*)?'),
  }),
  ...breaks('page-bodies', {
    'a page without a body limit': ({ route }) =>
      route('auth')('typed_per_filter_config.body_limit', undefined),
    'a GET without a body limit, over HTTP/2': ({ route }) =>
      route('platform-page')('typed_per_filter_config.body_limit', undefined),
    'a body limit of a gigabyte': ({ route }) =>
      route('auth')('typed_per_filter_config.body_limit.buffer.max_request_bytes', 1_073_741_824),
  }),
  ...breaks('cors-without-cookies', {
    'CORS with cookies for every origin': ({ host }) =>
      host('connect')(['typed_per_filter_config', 'envoy.filters.http.cors', 'allow_credentials'], true),
    'a CORS policy in shadow mode': ({ host }) =>
      host('connect')(['typed_per_filter_config', 'envoy.filters.http.cors', 'shadow_enabled'], {
        default_value: { numerator: 100 },
      }),
  }),
  ...breaks('health-path', {
    'a health check at every path': ({ filter }) =>
      filter('envoy.filters.http.health_check')('typed_config.headers.0.string_match', { prefix: '/' }),
    'a health check that passes on to a service': ({ filter }) =>
      filter('envoy.filters.http.health_check')('typed_config.pass_through_mode', true),
    'a health check that matches any request': ({ filter }) =>
      filter('envoy.filters.http.health_check')('typed_config.headers', undefined),
  }),
  ...breaks('refusals-stay-refusals', {
    'a refusal that becomes 200': ({ manager }) => manager('local_reply_config.mappers.0.status_code', 200),
    'a failure that becomes 401': ({ manager }) => manager('local_reply_config.mappers.0.status_code', 401),
  }),
  ...breaks('routes-lead-somewhere', {
    'a route to a missing cluster': [
      ({ route }) => route('platform')('route.cluster', 'missing'),
      'one-upstream-per-service',
    ],
    'a route with two actions': [
      ({ route }) => route('discovery')('direct_response', { status: 200 }),
      ...['service-context', 'service-answers', 'service-bodies', 'open-routes', 'insecure-pages'],
      ...['never-twice', 'service-refusals'],
    ],
  }),
]
