import { TRACE_HEADER } from '../../core/http/request-id.ts'
import type { Service } from '../../core/services/service.ts'
import { addressOf } from './address.ts'
import type { EdgeConfig } from '../config.ts'
import { serviceCluster } from './service-cluster.ts'
import { traces } from './tracing.ts'
import { serviceRoutes } from './service-routes.ts'
import type { Values } from './template.ts'

/** Idle timeout of client connections without a load balancer in front. */
const DIRECT_IDLE_SECONDS = 60
/** Above the 4000 s of an AWS load balancer, which must be the first to close. */
const BALANCED_IDLE_SECONDS = 4100

/** The value of each `${NAME}` in envoy.yaml. */
export function placeholders(config: EdgeConfig): Values {
  const { services } = config
  return new Map<string, unknown>([
    ['CONNECT_HOST', new URL(config.origin).hostname],
    ['ENVOY_LISTEN_ADDRESS', config.listen.host],
    ['ENVOY_LISTEN_PORT', config.listen.port],
    ['ENVOY_ADMIN_SOCKET', config.adminSocket],
    ['ENVOY_TRUSTED_HOPS', config.trustedHops],
    ['CLIENT_IDLE_TIMEOUT', `${config.trustedHops === 0 ? DIRECT_IDLE_SECONDS : BALANCED_IDLE_SECONDS}s`],
    ['TRACE_OF_CLIENT', config.trustedHops === 0 ? [{ remove: TRACE_HEADER }] : []],
    ['TRANSPORT_SECURITY', transportSecurity(config.origin)],
    ['AUTHZ_ADDRESS', addressOf(config.authz)],
    ['CONSENT_UI_ADDRESS', addressOf(config.consentUi)],
    ['TRACING', traces(config).tracing],
    ['TRACES_RECEIVER', traces(config).clusters],
    ['SERVICE_PATHS', pathsOf(services)],
    ['SERVICE_ROUTES', services.flatMap(serviceRoutes)],
    ['SERVICE_CLUSTERS', services.flatMap((service) => serviceCluster(service, config.trustedCa))],
  ])
}

/** Browsers use only TLS for a year. RFC 6797 section 7.2 forbids the header without TLS. */
function transportSecurity(origin: string): object[] {
  if (!origin.startsWith('https:')) return []
  const header = { key: 'strict-transport-security', value: 'max-age=31536000' }
  return [{ header, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }]
}

/** As alternatives of a regular expression. Paths have no characters that are special there. */
function pathsOf(services: readonly Service[]): string {
  return services.flatMap(({ paths }) => paths).join('|')
}
