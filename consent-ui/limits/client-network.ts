import { isIPv4 } from 'node:net'
import { egressRangeOf, type EgressRange } from '../../core/network/egress-ranges.ts'
import { groupsOf } from '../../core/network/ip-address.ts'

/** What a household or an office has of IPv6: a /48, three groups. */
const NETWORK_GROUPS = 3

/** The network of an address, which is `unmapped`: an egress range, else a /24 of IPv4 or a /48 of IPv6. */
export function networkOf(address: string, ranges: readonly EgressRange[]): string {
  const range = egressRangeOf(address, ranges)
  if (range !== undefined) return range.text
  if (isIPv4(address)) return address.replace(/\d+$/, '0/24')
  return `${groupsOf(address).slice(0, NETWORK_GROUPS).join(':')}::/48`
}
