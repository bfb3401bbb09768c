import { isIPv4, isIPv6 } from 'node:net'
import { groupsOf, unmapped } from './ip-address.ts'

/** What Envoy says of a client's address, and nobody outside can set; every other header is the client's own word. */
export const CLIENT_ADDRESS_HEADER = 'x-envoy-external-address'
/** A household or a machine has a whole /64, and could otherwise come with a new address each time. */
const NETWORK_GROUPS = 4

/** The address that the header holds; undefined for a request that did not come through Envoy. */
export function readClientAddress(text: string): string | undefined {
  return isIPv4(text) || isIPv6(text) ? unmapped(text) : undefined
}

/** What counts as one caller: an IPv4 address, or the /64 of an IPv6 address. */
export function callerAt(address: string): string {
  return isIPv4(address) ? address : `${groupsOf(address).slice(0, NETWORK_GROUPS).join(':')}::/64`
}
