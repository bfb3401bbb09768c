import type { Upstream } from '../../core/services/service.ts'
import { tracesUrl } from '../../core/tracing/tracing-settings.ts'
import type { EdgeConfig } from '../config.ts'
import { serviceCluster } from './service-cluster.ts'

/** No service has an underscore in its name. */
const CLUSTER = 'otlp_receiver'
const EXPORT_TIMEOUT = '2s'
/** Less than the keep-alive of receivers, of which the shortest known is Node's 5 s. */
const KEEP_ALIVE_SECONDS = 4

/** Envoy's own spans (envoy.config.trace.v3.OpenTelemetryConfig), and the cluster of their receiver. */
export function traces({ tracesEndpoint, tracesPercent, trustedCa }: EdgeConfig): {
  readonly tracing: object | null
  readonly clusters: readonly unknown[]
} {
  if (tracesEndpoint === undefined) return { tracing: null, clusters: [] }
  const url = tracesUrl(tracesEndpoint)
  const upstream: Upstream = {
    url,
    protocol: 'http1',
    connectSeconds: 1,
    idleSeconds: 60,
    keepAliveSeconds: KEEP_ALIVE_SECONDS,
    plaintext: url.protocol === 'http:',
  }
  const tracing = {
    random_sampling: { value: tracesPercent },
    // Paths and queries hold ids, codes and states.
    max_path_tag_length: 0,
    provider: {
      name: 'envoy.tracers.opentelemetry',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig',
        service_name: 'connect-envoy',
        http_service: { http_uri: { uri: url.href, cluster: CLUSTER, timeout: EXPORT_TIMEOUT } },
      },
    },
  }
  return { tracing, clusters: serviceCluster({ name: CLUSTER, upstream }, trustedCa) }
}
