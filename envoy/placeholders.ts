import type { ListenAddress } from '../core/settings.ts'
import type { EdgeConfig } from './config.ts'

/** What each `${NAME}` of envoy.yaml stands for: any YAML value. */
export function placeholders(config: EdgeConfig): ReadonlyMap<string, unknown> {
  const { platformUrl } = config
  return new Map<string, unknown>([
    ['CONNECT_HOST', new URL(config.origin).hostname],
    ['ENVOY_LISTEN_ADDRESS', config.listen.host],
    ['ENVOY_LISTEN_PORT', config.listen.port],
    ['ENVOY_ADMIN_SOCKET', config.adminSocket],
    ['ENVOY_TRUSTED_HOPS', config.trustedHops],
    ['AUTHZ_ADDRESS', addressOf(config.authz)],
    ['CONSENT_UI_ADDRESS', addressOf(config.consentUi)],
    ['PLATFORM_ADDRESS', addressOf({ host: platformUrl.hostname, port: portOf(platformUrl) })],
    ['PLATFORM_HOST', platformUrl.host],
    ['PLATFORM_PATH', platformUrl.pathname],
    ['PLATFORM_TRANSPORT_SOCKET', transportSocketOf(platformUrl, config.trustedCa)],
  ])
}

/** envoy.config.core.v3.Address */
function addressOf(address: ListenAddress): object {
  return 'path' in address
    ? { pipe: { path: address.path } }
    : { socket_address: { address: address.host, port_value: address.port } }
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

const EXTENSIONS = 'type.googleapis.com/envoy.extensions.transport_sockets'

/** envoy.config.core.v3.TransportSocket: with https, the certificate must be that host's (RFC 9525). */
function transportSocketOf({ protocol, hostname }: URL, trustedCa: string): object {
  if (protocol === 'http:') {
    return {
      name: 'envoy.transport_sockets.raw_buffer',
      typed_config: { '@type': `${EXTENSIONS}.raw_buffer.v3.RawBuffer` },
    }
  }
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': `${EXTENSIONS}.tls.v3.UpstreamTlsContext`,
      sni: hostname,
      common_tls_context: {
        tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
        validation_context: {
          trusted_ca: { filename: trustedCa },
          match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: hostname } }],
        },
      },
    },
  }
}
