import { COMPOSITE, EXECUTE_FILTER, EXT_AUTHZ, EXT_AUTHZ_PER_ROUTE, EXT_PROC } from '../config/types.ts'
import { each, type Fields } from './fields.ts'

/** The filters that ask authz. */
export const AUTHZ: Readonly<Record<string, Fields>> = {
  [EXT_AUTHZ]: {
    ...each('value', 'transport_api_version stat_prefix failure_mode_allow failure_mode_allow_header_add'),
    ...each('value', 'validate_mutations clear_route_cache encode_raw_headers shadow_mode'),
    ...each('value', 'enforce_response_header_limits emit_filter_state_stats charge_cluster_response_stats'),
    ...each('value', 'include_peer_certificate include_tls_session enable_dynamic_metadata_ingestion'),
    ...each('value', 'max_denied_response_body_bytes emit_client_span'),
    ...each('value[]', 'metadata_context_namespaces typed_metadata_context_namespaces'),
    ...each('value[]', 'route_metadata_context_namespaces clear_route_cache_headers'),
    ...each('ListStringMatcher', 'allowed_headers disallowed_headers'),
    // Rules check these.
    ...each('anything', 'http_service filter_enabled filter_enabled_metadata deny_at_disable'),
    grpc_service: 'GrpcService',
    with_request_body: 'BufferSettings',
    status_on_error: 'HttpStatus',
    decoder_header_mutation_rules: 'MutationRules',
  },
  BufferSettings: each('value', 'max_request_bytes allow_partial_message pack_as_bytes'),
  [EXT_AUTHZ_PER_ROUTE]: { disabled: 'value', check_settings: 'CheckSettings' },
  CheckSettings: {
    ...each('value', 'disable_request_body_buffering emit_client_span'),
    context_extensions: 'value{}',
    with_request_body: 'BufferSettings',
    ...each('anything', 'grpc_service http_service'),
  },
  [COMPOSITE]: { matcher: 'anything' },
  [EXECUTE_FILTER]: { typed_config: 'Extension' },
  [EXT_PROC]: {
    ...each('value', 'stat_prefix failure_mode_allow message_timeout max_message_timeout'),
    ...each('value', 'allow_mode_override disable_immediate_response observability_mode'),
    ...each('value', 'disable_clear_route_cache route_cache_action deferred_close_timeout'),
    ...each('value[]', 'request_attributes response_attributes'),
    status_on_error: 'HttpStatus',
    grpc_service: 'GrpcService',
    http_service: 'anything',
    processing_mode: 'ProcessingMode',
    allowed_override_modes: 'ProcessingMode[]',
    metadata_options: 'MetadataOptions',
    forward_rules: 'ForwardRules',
    mutation_rules: 'MutationRules',
  },
  ProcessingMode: each(
    'value',
    'request_header_mode response_header_mode request_body_mode response_body_mode request_trailer_mode ' +
      'response_trailer_mode',
  ),
  MetadataOptions: each('Namespaces', 'forwarding_namespaces receiving_namespaces'),
  Namespaces: each('value[]', 'untyped typed'),
  ForwardRules: each('ListStringMatcher', 'allowed_headers disallowed_headers'),
}
