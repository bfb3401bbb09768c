import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** IPv4 addresses that are nobody's on the public network (IANA special-purpose registry, RFC 6890; multicast). */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // With the metadata (169.254.169.254) and the credentials (169.254.170.2) of AWS.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** All of the public network that IANA has given out (RFC 4291 section 2.4). Mapped and translated IPv4 is not in it. */
const PUBLIC_IPV6 = [['2000::', 3]] as const
const SPECIAL_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const specialIpv4 = blockList(SPECIAL_IPV4, 'ipv4')
const publicIpv6 = blockList(PUBLIC_IPV6, 'ipv6')
const specialIpv6 = blockList(SPECIAL_IPV6, 'ipv6')

/** Whether nothing on the public network is at an address; true for what is no address at all. */
export function isSpecialUse(address: string): boolean {
  if (isIPv4(address)) return specialIpv4.check(address, 'ipv4')
  // An address of one link has its link's name behind it.
  if (!isIPv6(address) || address.includes('%')) return true
  return !publicIpv6.check(address, 'ipv6') || specialIpv6.check(address, 'ipv6')
}

function blockList(ranges: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family)
  return list
}
