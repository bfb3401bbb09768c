import { isIPv4, isIPv6 } from 'node:net'
import type { Context } from 'koa'
import { groupsOf, unmapped } from '../ip-address.ts'

/** What Envoy says of a client's address, and nobody outside can set; every other header is the client's own word. */
const HEADER = 'x-envoy-external-address'
/** A household or a machine has a whole /64, and could otherwise come with a new address each time. */
const NETWORK_GROUPS = 4

/** Where a request came from; undefined for one that did not come through Envoy. */
export function addressOf(ctx: Context): string | undefined {
  const address = ctx.get(HEADER)
  return isIPv4(address) || isIPv6(address) ? unmapped(address) : undefined
}

/** What counts as one caller: an IPv4 address, or the /64 of an IPv6 address. */
export function callerAt(address: string): string {
  return isIPv4(address) ? address : `${groupsOf(address).slice(0, NETWORK_GROUPS).join(':')}::/64`
}
