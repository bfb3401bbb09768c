import { each, type Fields } from './fields.ts'

const HEADER_CHANGES: Fields = {
  ...each('HeaderOption[]', 'request_headers_to_add response_headers_to_add'),
  ...each('value[]', 'request_headers_to_remove response_headers_to_remove'),
  typed_per_filter_config: 'typed{}',
}

/** Routes: envoy/config/route/v3. */
export const ROUTING: Readonly<Record<string, Fields>> = {
  RouteConfiguration: {
    ...HEADER_CHANGES,
    ...each(
      'value',
      'name most_specific_header_mutations_wins validate_clusters ignore_port_in_host_matching',
    ),
    ...each('value', 'max_direct_response_body_size_bytes'),
    virtual_hosts: 'VirtualHost[]',
    vhds: 'anything',
  },
  VirtualHost: {
    ...HEADER_CHANGES,
    name: 'value',
    domains: 'value[]',
    routes: 'Route[]',
    require_tls: 'value',
  },
  Route: {
    ...HEADER_CHANGES,
    ...each('value', 'name stat_prefix'),
    match: 'RouteMatch',
    route: 'RouteAction',
    direct_response: 'DirectResponse',
    // Mappers of local replies read it.
    metadata: 'anything',
  },
  RouteMatch: {
    ...each('value', 'prefix path path_separated_prefix case_sensitive'),
    safe_regex: 'RegexMatcher',
    headers: 'HeaderMatcher[]',
    connect_matcher: 'anything',
  },
  RouteAction: {
    ...each('value', 'cluster prefix_rewrite host_rewrite_literal timeout idle_timeout'),
    ...each('value', 'cluster_not_found_response_code priority'),
    max_stream_duration: 'MaxStreamDuration',
    regex_rewrite: 'RegexRewrite',
    retry_policy: 'RetryPolicy',
    // Rules refuse these.
    ...each('anything', 'cluster_header cluster_specifier_plugin inline_cluster_specifier_plugin'),
    ...each('anything', 'weighted_clusters internal_redirect_policy internal_redirect_action'),
    ...each('anything', 'upgrade_configs request_mirror_policies host_rewrite_header auto_host_rewrite'),
    ...each('anything', 'host_rewrite_path_regex path_rewrite_policy'),
  },
  RetryPolicy: { ...each('value', 'retry_on num_retries'), retry_back_off: 'anything' },
  RegexRewrite: { pattern: 'RegexMatcher', substitution: 'value' },
  MaxStreamDuration: each('value', 'max_stream_duration'),
  DirectResponse: { status: 'value', body: 'InlineText', body_format: 'LogFormat' },
}
