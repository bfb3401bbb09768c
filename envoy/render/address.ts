import type { ListenAddress } from '../../core/config/settings.ts'

/** envoy.config.core.v3.Address */
export function addressOf(address: ListenAddress): object {
  return 'path' in address
    ? { pipe: { path: address.path } }
    : { socket_address: { address: address.host, port_value: address.port } }
}
