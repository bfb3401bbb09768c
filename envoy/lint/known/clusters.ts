import { RAW_BUFFER, UPSTREAM_HTTP, UPSTREAM_TLS } from '../config/types.ts'
import { each, type Fields } from './fields.ts'

/** Upstreams: envoy/config/cluster/v3. */
export const CLUSTERS: Readonly<Record<string, Fields>> = {
  Cluster: {
    ...each('value', 'name type connect_timeout dns_lookup_family per_connection_buffer_limit_bytes'),
    ...each('value', 'lb_policy alt_stat_name respect_dns_ttl dns_refresh_rate wait_for_warm_on_init'),
    ...each('value', 'close_connections_on_host_health_failure ignore_health_on_host_removal'),
    typed_extension_protocol_options: 'typed{}',
    transport_socket: 'Extension',
    load_assignment: 'LoadAssignment',
    // Notes; a rule reads one of them.
    metadata: 'anything',
    circuit_breakers: 'anything',
    common_lb_config: 'anything',
    upstream_connection_options: 'anything',
    health_checks: 'HealthChecks[]',
    // Rules refuse these.
    ...each('anything', 'cluster_type eds_cluster_config transport_socket_matches'),
    ...each('anything', 'original_dst_lb_config'),
  },
  LoadAssignment: { cluster_name: 'value', endpoints: 'Endpoints[]' },
  Endpoints: { lb_endpoints: 'LbEndpoint[]' },
  LbEndpoint: { endpoint: 'Endpoint' },
  Endpoint: { address: 'Address', hostname: 'value' },
  HealthChecks: {
    ...each('value', 'timeout interval no_traffic_interval no_traffic_healthy_interval'),
    ...each('value', 'unhealthy_threshold healthy_threshold reuse_connection unhealthy_interval'),
    ...each('anything', 'tcp_health_check grpc_health_check'),
    http_health_check: 'HttpHealthCheck',
  },
  HttpHealthCheck: { path: 'value' },
  [UPSTREAM_HTTP]: {
    explicit_http_config: 'ExplicitHttp',
    common_http_protocol_options: 'HttpProtocolOptions',
  },
  ExplicitHttp: { http_protocol_options: 'Http1Options', http2_protocol_options: 'Http2Options' },
  [RAW_BUFFER]: {},
  [UPSTREAM_TLS]: {
    ...each('value', 'sni allow_renegotiation max_session_keys enforce_rsa_key_usage'),
    common_tls_context: 'CommonTlsContext',
  },
  CommonTlsContext: {
    tls_params: 'TlsParams',
    tls_certificates: 'TlsCertificate[]',
    validation_context: 'ValidationContext',
    alpn_protocols: 'value[]',
  },
  TlsParams: {
    ...each('value', 'tls_minimum_protocol_version tls_maximum_protocol_version'),
    ...each('value[]', 'cipher_suites ecdh_curves signature_algorithms'),
  },
  TlsCertificate: each('DataSource', 'certificate_chain private_key'),
  ValidationContext: {
    ...each('value', 'trust_chain_verification allow_expired_certificate only_verify_leaf_cert_crl'),
    ...each('value[]', 'verify_certificate_spki verify_certificate_hash'),
    ...each('DataSource', 'trusted_ca crl'),
    match_typed_subject_alt_names: 'SubjectAltName[]',
  },
  SubjectAltName: { san_type: 'value', matcher: 'StringMatcher' },
}
