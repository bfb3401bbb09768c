import { CONNECTION_MANAGER, CORS, EARLY_MUTATION, HEALTH_CHECK, LOCAL_RATE_LIMIT } from '../config/types.ts'
import { BUFFER, BUFFER_PER_ROUTE, CORS_POLICY, CUSTOM_RESPONSE, ROUTER } from '../config/types.ts'
import { HEADER_MUTATION, HEADER_MUTATION_PER_ROUTE, HEADER_TO_METADATA } from '../config/types.ts'
import { each, type Fields } from './fields.ts'

/** The connection manager, and the filters that do not ask authz. */
export const HTTP: Readonly<Record<string, Fields>> = {
  [CONNECTION_MANAGER]: {
    ...each('value', 'stat_prefix codec_type server_name server_header_transformation'),
    ...each('value', 'use_remote_address xff_num_trusted_hops skip_xff_append preserve_external_request_id'),
    ...each('value', 'generate_request_id always_set_request_id_in_response append_x_forwarded_port'),
    ...each('value', 'normalize_path merge_slashes path_with_escaped_slashes_action strip_any_host_port'),
    ...each('value', 'strip_trailing_host_dot strip_matching_host_port max_request_headers_kb'),
    ...each('value', 'stream_error_on_invalid_http_message add_user_agent append_local_overload'),
    ...each('value', 'request_timeout request_headers_timeout stream_idle_timeout drain_timeout'),
    ...each('value', 'delayed_close_timeout forward_client_cert_details proxy_100_continue'),
    // Rules refuse these.
    ...each('anything', 'rds scoped_routes upgrade_configs original_ip_detection_extensions'),
    ...each('anything', 'internal_address_config'),
    access_log: 'AccessLog[]',
    access_log_options: 'anything',
    common_http_protocol_options: 'HttpProtocolOptions',
    http_protocol_options: 'Http1Options',
    http2_protocol_options: 'Http2Options',
    http_filters: 'HttpFilter[]',
    route_config: 'RouteConfiguration',
    early_header_mutation_extensions: 'Extension[]',
    local_reply_config: 'LocalReplyConfig',
    scheme_header_transformation: 'SchemeTransformation',
    tracing: 'Tracing',
  },
  // Without custom_tags, which can copy a header into a span.
  Tracing: {
    ...each('value', 'max_path_tag_length spawn_upstream_span'),
    ...each('anything', 'client_sampling random_sampling overall_sampling'),
    provider: 'Extension',
  },
  'envoy.config.trace.v3.OpenTelemetryConfig': { service_name: 'value', http_service: 'OtlpHttpService' },
  OtlpHttpService: { http_uri: 'HttpUri' },
  HttpUri: each('value', 'uri cluster timeout'),
  HttpFilter: {
    ...each('value', 'name is_optional disabled'),
    typed_config: 'typed',
    config_discovery: 'anything',
  },
  SchemeTransformation: { scheme_to_overwrite: 'value' },
  HttpProtocolOptions: each(
    'value',
    'idle_timeout max_connection_duration max_headers_count max_stream_duration headers_with_underscores_action ' +
      'max_requests_per_connection max_response_headers_kb',
  ),
  Http1Options: each(
    'value',
    'allow_absolute_url accept_http_10 default_host_for_http_10 enable_trailers allow_chunked_length ' +
      'allow_custom_methods send_fully_qualified_url use_balsa_parser',
  ),
  Http2Options: {
    ...each('value', 'max_concurrent_streams initial_stream_window_size initial_connection_window_size'),
    ...each('value', 'allow_connect allow_metadata hpack_table_size enable_huffman_encoding'),
    ...each('value', 'max_outbound_frames max_outbound_control_frames max_header_field_size_kb'),
    ...each('value', 'max_consecutive_inbound_frames_with_empty_payload'),
    ...each('value', 'max_inbound_priority_frames_per_stream stream_reset_burst stream_reset_rate'),
    ...each('value', 'max_inbound_window_update_frames_per_data_frame_sent'),
    ...each('value', 'override_stream_error_on_invalid_http_message'),
    connection_keepalive: 'KeepAlive',
  },
  KeepAlive: each('value', 'interval timeout connection_idle_interval'),
  LocalReplyConfig: { mappers: 'ReplyMapper[]', body_format: 'LogFormat' },
  ReplyMapper: {
    filter: 'anything',
    status_code: 'value',
    headers_to_add: 'HeaderOption[]',
    body: 'InlineText',
    body_format_override: 'LogFormat',
  },
  [EARLY_MUTATION]: { mutations: 'HeaderMutation[]' },
  HeaderMutation: { remove: 'value', remove_on_match: 'RemoveOnMatch', append: 'HeaderOption' },
  RemoveOnMatch: { key_matcher: 'StringMatcher' },
  [HEALTH_CHECK]: {
    ...each('value', 'pass_through_mode cache_time'),
    headers: 'HeaderMatcher[]',
    cluster_min_healthy_percentages: 'HealthyShare{}',
  },
  HealthyShare: { value: 'value' },
  [CORS]: {},
  [CORS_POLICY]: {
    ...each('value', 'allow_methods allow_headers expose_headers max_age allow_credentials'),
    ...each('value', 'allow_private_network_access forward_not_matching_preflights'),
    allow_origin_string_match: 'StringMatcher[]',
    filter_enabled: 'RuntimePercent',
    shadow_enabled: 'RuntimePercent',
  },
  [LOCAL_RATE_LIMIT]: {
    ...each(
      'value',
      'stat_prefix stage local_rate_limit_per_downstream_connection enable_x_ratelimit_headers',
    ),
    ...each('value', 'always_consume_default_token_bucket max_dynamic_descriptors'),
    ...each('RuntimePercent', 'filter_enabled filter_enforced'),
    status: 'HttpStatus',
    token_bucket: 'TokenBucket',
    descriptors: 'anything',
    rate_limits: 'anything',
    response_headers_to_add: 'HeaderOption[]',
  },
  // A rule compares the content.
  [CUSTOM_RESPONSE]: { custom_response_matcher: 'anything' },
  [HEADER_TO_METADATA]: { request_rules: 'anything', response_rules: 'anything' },
  [HEADER_MUTATION]: {},
  [HEADER_MUTATION_PER_ROUTE]: { mutations: 'Mutations' },
  Mutations: { response_mutations: 'HeaderMutation[]' },
  [BUFFER]: { max_request_bytes: 'value' },
  [BUFFER_PER_ROUTE]: { disabled: 'value', buffer: BUFFER },
  [ROUTER]: { suppress_envoy_headers: 'value' },
}
