import { DOWNSTREAM_TLS } from '../config/types.ts'
import { each, type Fields } from './fields.ts'

/** The whole file, and listeners: envoy/config/bootstrap/v3, envoy/config/listener/v3. */
export const BOOTSTRAP: Readonly<Record<string, Fields>> = {
  Bootstrap: {
    node: 'anything',
    admin: 'Admin',
    overload_manager: 'OverloadManager',
    layered_runtime: 'LayeredRuntime',
    static_resources: 'StaticResources',
    // A rule refuses it.
    dynamic_resources: 'anything',
    stats_config: 'anything',
    default_regex_engine: 'anything',
  },
  Admin: { address: 'Address', allow_paths: 'StringMatcher[]', profile_path: 'value' },
  OverloadManager: {
    refresh_interval: 'value',
    resource_monitors: 'Extension[]',
    actions: 'anything',
    loadshed_points: 'anything',
    buffer_factory_config: 'BufferFactory',
  },
  BufferFactory: { minimum_account_to_track_power_of_two: 'value' },
  'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig': { max_heap_size_bytes: 'value' },
  'envoy.extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig': { max_memory_bytes: 'value' },
  'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig': {
    max_active_downstream_connections: 'value',
  },
  // A rule checks the content.
  LayeredRuntime: { layers: 'anything' },
  StaticResources: { listeners: 'Listener[]', clusters: 'Cluster[]' },
  Listener: {
    ...each(
      'value',
      'name stat_prefix per_connection_buffer_limit_bytes enable_reuse_port traffic_direction',
    ),
    ...each('value', 'max_connections_to_accept_per_socket_event tcp_backlog_size ignore_global_conn_limit'),
    address: 'Address',
    filter_chains: 'FilterChain[]',
    access_log: 'AccessLog[]',
    connection_balance_config: 'anything',
    socket_options: 'anything',
  },
  FilterChain: {
    ...each('value', 'name transport_socket_connect_timeout'),
    filters: 'Extension[]',
    transport_socket: 'Extension',
  },
  [DOWNSTREAM_TLS]: {
    ...each('value', 'require_client_certificate full_scan_certs_on_sni_mismatch'),
    common_tls_context: 'CommonTlsContext',
  },
  AccessLog: { name: 'value', typed_config: 'typed', filter: 'anything' },
  'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog': { log_format: 'LogFormat' },
  'envoy.extensions.access_loggers.stream.v3.StderrAccessLog': { log_format: 'LogFormat' },
  'envoy.extensions.access_loggers.file.v3.FileAccessLog': { path: 'value', log_format: 'LogFormat' },
  LogFormat: {
    ...each('value', 'omit_empty_values content_type'),
    // A rule checks every text.
    ...each('anything', 'json_format json_format_options text_format text_format_source'),
  },
  'envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit': {
    ...each('value', 'stat_prefix max_connections delay'),
    runtime_enabled: 'anything',
  },
}
