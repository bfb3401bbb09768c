import { isLoopback } from '../../../core/config/settings.ts'
import { messagesOf } from './find.ts'
import { CONSENT_UI } from './route.ts'
import type { ConfigNode } from './config-node.ts'
import { typeNamed, UPSTREAM_HTTP, UPSTREAM_TLS } from './types.ts'

export function addressesOf(cluster: ConfigNode): readonly ConfigNode[] {
  return cluster
    .at('load_assignment', 'endpoints')
    .items()
    .flatMap((endpoints) => endpoints.at('lb_endpoints').items())
    .map((endpoint) => endpoint.at('endpoint', 'address'))
}

/** True for loopback, and for a Unix socket with a path. An abstract socket has no permissions. */
export function isLocal(address: ConfigNode): boolean {
  if (address.entries().length !== 1) return false
  if (address.at('pipe').exists) return address.at('pipe', 'path').text?.startsWith('/') === true
  const host = address.at('socket_address', 'address').text ?? ''
  return host === '::1' || isLoopback(host)
}

/** The common_http_protocol_options of a cluster: the limits of its connections. */
export function connectionLimitsOf(cluster: ConfigNode): ConfigNode {
  const extensions = cluster.at('typed_extension_protocol_options')
  const [options = extensions] = messagesOf(extensions, UPSTREAM_HTTP)
  return options.at('common_http_protocol_options')
}

/** The TLS settings of a cluster; undefined without TLS. */
export function tlsOf(cluster: ConfigNode): ConfigNode | undefined {
  const config = cluster.at('transport_socket', 'typed_config')
  return typeNamed(config.at('@type').text) === UPSTREAM_TLS ? config : undefined
}

/** True if the operator accepts a service without TLS. */
export function isPlaintextAccepted(cluster: ConfigNode): boolean {
  const isService = cluster.at('name').text !== CONSENT_UI
  return isService && cluster.at('metadata', 'filter_metadata', 'quilt_connect', 'plaintext').value === 'true'
}
