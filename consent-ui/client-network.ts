import { isIPv4, type BlockList } from 'node:net'
import { groupsOf } from '../core/network/ip-address.ts'

/** Addresses that one party sends from, `160.79.104.0/21`: together they are one network. */
export interface EgressRange {
  readonly text: string
  readonly addresses: BlockList
}

/** What a household or an office has of IPv6: a /48, three groups. */
const NETWORK_GROUPS = 3

/** The network of an address, which is `unmapped`: an egress range, else a /24 of IPv4 or a /48 of IPv6. */
export function networkOf(address: string, ranges: readonly EgressRange[]): string {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  const range = ranges.find(({ addresses }) => addresses.check(address, family))
  if (range !== undefined) return range.text
  if (family === 'ipv4') return address.replace(/\d+$/, '0/24')
  return `${groupsOf(address).slice(0, NETWORK_GROUPS).join(':')}::/48`
}
