import type { Service } from '../../core/services/service.ts'
import { addressOf } from './address.ts'
import type { EdgeConfig } from '../config.ts'
import { serviceCluster } from './service-cluster.ts'
import { serviceRoutes } from './service-routes.ts'
import type { Values } from './template.ts'

/** How long a client's connection may be idle where clients connect to Envoy itself. */
const DIRECT_IDLE_SECONDS = 60
/** Longer than the 4000 s that an AWS load balancer keeps one at most. */
const BALANCED_IDLE_SECONDS = 4100

/** What each `${NAME}` of envoy.yaml stands for. */
export function placeholders(config: EdgeConfig): Values {
  const { services } = config
  return new Map<string, unknown>([
    ['CONNECT_HOST', new URL(config.origin).hostname],
    ['ENVOY_LISTEN_ADDRESS', config.listen.host],
    ['ENVOY_LISTEN_PORT', config.listen.port],
    ['ENVOY_ADMIN_SOCKET', config.adminSocket],
    ['ENVOY_TRUSTED_HOPS', config.trustedHops],
    ['CLIENT_IDLE_TIMEOUT', `${config.trustedHops === 0 ? DIRECT_IDLE_SECONDS : BALANCED_IDLE_SECONDS}s`],
    ['TRANSPORT_SECURITY', transportSecurity(config.origin)],
    ['AUTHZ_ADDRESS', addressOf(config.authz)],
    ['CONSENT_UI_ADDRESS', addressOf(config.consentUi)],
    ['SERVICE_PATHS', pathsOf(services)],
    ['SERVICE_ROUTES', services.flatMap(serviceRoutes)],
    ['SERVICE_CLUSTERS', services.flatMap((service) => serviceCluster(service, config.trustedCa))],
  ])
}

/** RFC 6797: browsers come back over TLS alone, for a year; section 7.2 wants it said over TLS alone too. */
function transportSecurity(origin: string): object[] {
  if (!origin.startsWith('https:')) return []
  const header = { key: 'strict-transport-security', value: 'max-age=31536000' }
  return [{ header, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }]
}

/** As alternatives of a regular expression; paths hold nothing that would mean something else there. */
function pathsOf(services: readonly Service[]): string {
  return services.flatMap(({ paths }) => paths).join('|')
}
