/** The extensions that rules refer to, by type: names are free. */
const PREFIX = 'type.googleapis.com/'
const HTTP = 'envoy.extensions.filters.http'

export const CONNECTION_MANAGER =
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'
export const EXT_AUTHZ = `${HTTP}.ext_authz.v3.ExtAuthz`
export const EXT_AUTHZ_PER_ROUTE = `${HTTP}.ext_authz.v3.ExtAuthzPerRoute`
export const COMPOSITE = `${HTTP}.composite.v3.Composite`
export const EXECUTE_FILTER = `${HTTP}.composite.v3.ExecuteFilterAction`
export const EXT_PROC = `${HTTP}.ext_proc.v3.ExternalProcessor`
export const ROUTER = `${HTTP}.router.v3.Router`
export const HEALTH_CHECK = `${HTTP}.health_check.v3.HealthCheck`
export const CORS = `${HTTP}.cors.v3.Cors`
export const CORS_POLICY = `${HTTP}.cors.v3.CorsPolicy`
export const LOCAL_RATE_LIMIT = `${HTTP}.local_ratelimit.v3.LocalRateLimit`
export const BUFFER = `${HTTP}.buffer.v3.Buffer`
export const BUFFER_PER_ROUTE = `${HTTP}.buffer.v3.BufferPerRoute`
export const CUSTOM_RESPONSE = `${HTTP}.custom_response.v3.CustomResponse`
export const LOCAL_RESPONSE =
  'envoy.extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy'
export const HEADER_TO_METADATA = `${HTTP}.header_to_metadata.v3.Config`
export const HEADER_MUTATION = `${HTTP}.header_mutation.v3.HeaderMutation`
export const HEADER_MUTATION_PER_ROUTE = `${HTTP}.header_mutation.v3.HeaderMutationPerRoute`
export const EARLY_MUTATION = 'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation'
export const UPSTREAM_TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'
export const DOWNSTREAM_TLS = 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'
export const RAW_BUFFER = 'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer'
export const UPSTREAM_HTTP = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'

/** The metadata namespace of every ext_authz filter, whatever its name. */
export const AUTHZ_NAMESPACE = 'envoy.filters.http.ext_authz'

/** The type of an `@type`; undefined without the usual prefix. */
export function typeNamed(url: string | undefined): string | undefined {
  return url?.startsWith(PREFIX) === true ? url.slice(PREFIX.length) : undefined
}

/** Filters that change answers of services. Of requests they can only read the id (rule request-ids). */
export const ANSWER_FILTERS: readonly string[] = [HEADER_MUTATION, HEADER_TO_METADATA, CUSTOM_RESPONSE]
