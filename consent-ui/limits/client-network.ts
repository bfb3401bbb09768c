import type { Context } from 'koa'
import { CLIENT_ADDRESS_HEADER, readClientAddress } from '../../core/network/client-address.ts'
import { egressRangeOf, type EgressRange } from '../../core/network/egress-ranges.ts'
import { ipv6Network, isIpv6, parseAddress } from '../../core/network/ip-address.ts'

/** A household or an office usually has an IPv6 /48: three groups. */
const NETWORK_GROUPS = 3

/** The client's address as Envoy reports it; undefined for a request that bypassed Envoy. */
export function clientAddress(ctx: Context): string | undefined {
  return readClientAddress(ctx.get(CLIENT_ADDRESS_HEADER))
}

/** The network of an `unmapped` address: its egress range, else the IPv4 /24 or the IPv6 /48. */
export function networkOf(text: string, ranges: readonly EgressRange[]): string {
  const range = egressRangeOf(text, ranges)
  if (range !== undefined) return range.text
  const address = parseAddress(text)
  return address !== undefined && isIpv6(address)
    ? ipv6Network(address, NETWORK_GROUPS)
    : text.replace(/\d+$/, '0/24')
}
