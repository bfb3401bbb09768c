import { secureUrl } from '../config/settings.ts'

/** The base URL of an OTLP receiver; traces go to `/v1/traces` below it (OpenTelemetry Protocol Exporter). */
export const tracingVariables = { OTEL_EXPORTER_OTLP_ENDPOINT: secureUrl.optional() }

/** Where spans are sent. */
export function tracesUrl(endpoint: URL): URL {
  return new URL('v1/traces', endpoint.href.endsWith('/') ? endpoint : `${endpoint.href}/`)
}
