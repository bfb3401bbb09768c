import { egressRangeOf, type EgressRange } from '../../core/network/egress-ranges.ts'
import { ipv6Network, isIpv6, parseAddress } from '../../core/network/ip-address.ts'

/** A household or an office has an IPv6 /48, three groups. */
const NETWORK_GROUPS = 3

/** The network of an address, which is `unmapped`: an egress range, else an IPv4 /24 or an IPv6 /48. */
export function networkOf(text: string, ranges: readonly EgressRange[]): string {
  const range = egressRangeOf(text, ranges)
  if (range !== undefined) return range.text
  const address = parseAddress(text)
  return address !== undefined && isIpv6(address)
    ? ipv6Network(address, NETWORK_GROUPS)
    : text.replace(/\d+$/, '0/24')
}
