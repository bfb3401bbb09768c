import {
  isInRange,
  isIpv6,
  parseAddress,
  parseRange,
  type AddressRange,
} from '../../core/network/ip-address.ts'

/** IPv4 addresses outside the public network (IANA special-purpose registry, RFC 6890; multicast). */
const SPECIAL_IPV4 = ranges(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Includes the metadata (169.254.169.254) and the credentials (169.254.170.2) of AWS.
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
)
/** Everything that IANA has given out (RFC 4291 section 2.4), without mapped and translated IPv4. */
const PUBLIC_IPV6 = ranges('2000::/3')
const SPECIAL_IPV6 = ranges('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20')

/** True unless an address is on the public network; also true for a text that is not an address or has a zone. */
export function isSpecialUse(text: string): boolean {
  const address = parseAddress(text)
  if (address === undefined || text.includes('%')) return true
  const isIn = (list: readonly AddressRange[]): boolean => list.some((range) => isInRange(address, range))
  return isIpv6(address) ? !isIn(PUBLIC_IPV6) || isIn(SPECIAL_IPV6) : isIn(SPECIAL_IPV4)
}

function ranges(...texts: readonly string[]): readonly AddressRange[] {
  return texts.map((text) => {
    const range = parseRange(text)
    if (range === undefined) throw new TypeError(`${text} is not a range`)
    return range
  })
}
