import type { MetricsSource } from '../../core/metrics/metrics-server.ts'
import type { EnvoyAdmin } from './envoy-admin.ts'

/** Of about 700 statistics; by Envoy's own names (`/stats`), which Prometheus' are made of. */
const SHOWN = [
  'http.connect.downstream_rq_([1-5]xx|active|total|time|timeout|too_large|rx_reset|overload_close)',
  'http.connect.downstream_cx_(active|total)',
  'http.connect.no_route',
  'http.connect.ext_authz.[^.]+.(ok|denied|error|invalid|failure_mode_allowed)',
  'http.connect.ext_proc.list_filter.(streams_started|streams_failed|message_timeouts|failure_mode_allowed)',
  'by_client_address.http_local_rate_limit.(ok|rate_limited)',
  'cluster.[^.]+.upstream_rq_([1-5]xx|active|total|time|timeout|pending_overflow)',
  'cluster.[^.]+.upstream_cx_(active|connect_fail|connect_timeout|overflow)',
  'overload.envoy.resource_monitors.[^.]+.pressure',
  'overload.envoy.overload_actions.[^.]+.active',
  'server.(live|uptime|state|memory_allocated|memory_physical_size|days_until_first_cert_expiring)',
]

const FILTER = `^(${SHOWN.map((name) => name.replaceAll('.', '\\.').replaceAll('[^\\.]', '[^.]')).join('|')})$`

/** Envoy's metrics. Its admin interface stays closed: a scrape can only read these. */
export function envoyMetrics(admin: EnvoyAdmin): MetricsSource {
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    metrics: () => admin.prometheusText(FILTER),
  }
}
