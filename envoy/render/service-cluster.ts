import { isIP } from 'node:net'
import type { Service, Upstream } from '../../core/services/service.ts'
import { addressOf } from './address.ts'
import { fillIn, type Values } from './template.ts'

const EXTENSIONS = 'type.googleapis.com/envoy.extensions.transport_sockets'

/** Renders the cluster of a service (envoy.config.cluster.v3.Cluster). */
export function serviceCluster(
  { name, upstream }: Pick<Service, 'name' | 'upstream'>,
  trustedCa: string,
): unknown[] {
  const { url, protocol, connectSeconds, keepAliveSeconds } = upstream
  const values: Values = new Map<string, unknown>([
    ['SERVICE', name],
    ['CONNECT_TIMEOUT', `${connectSeconds}s`],
    ['KEEP_ALIVE', `${keepAliveSeconds}s`],
    ['PLAINTEXT', String(upstream.plaintext)],
    ['HTTP_PROTOCOL', protocol === 'http2' ? { http2_protocol_options: {} } : { http_protocol_options: {} }],
    ['TRANSPORT_SOCKET', transportSocketOf(upstream, trustedCa)],
    ['UPSTREAM_ADDRESS', addressOf({ host: bare(url.hostname), port: portOf(url) })],
  ])
  return fillIn('services/cluster.yaml', values).toJS() as unknown[]
}

/** Removes the brackets of an IPv6 address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}

/** envoy.config.core.v3.TransportSocket. With https the certificate must name the host (RFC 9525). */
function transportSocketOf({ url, protocol }: Upstream, trustedCa: string): object {
  if (url.protocol === 'http:') {
    return {
      name: 'envoy.transport_sockets.raw_buffer',
      typed_config: { '@type': `${EXTENSIONS}.raw_buffer.v3.RawBuffer` },
    }
  }
  const hostname = bare(url.hostname)
  const isAddress = isIP(hostname) !== 0
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': `${EXTENSIONS}.tls.v3.UpstreamTlsContext`,
      // RFC 6066 section 3: no address as a server name.
      ...(isAddress ? {} : { sni: hostname }),
      common_tls_context: {
        tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
        ...(protocol === 'http2' ? { alpn_protocols: ['h2'] } : {}),
        validation_context: {
          trusted_ca: { filename: trustedCa },
          match_typed_subject_alt_names: [
            { san_type: isAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: hostname } },
          ],
        },
      },
    },
  }
}
