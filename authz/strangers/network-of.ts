import { callerAt, readClientAddress } from '../../core/network/client-address.ts'

/**
 * Who counts as one where strangers are counted: an address, or an IPv6 network. Undefined where Envoy does not say.
 *
 * @param clientAddress - as Envoy says
 */
export function networkOf(clientAddress: string | undefined): string | undefined {
  const address = clientAddress === undefined ? undefined : readClientAddress(clientAddress)
  return address === undefined ? undefined : callerAt(address)
}
