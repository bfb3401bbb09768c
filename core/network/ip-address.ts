import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

export type AddressRange = [Address, number]

/**
 * Parses an IP address without its zone (`fe80::1%eth0`). The library alone would also read octal, hexadecimal and
 * short forms (`010.0.0.1`, `127.1`), which other parsers read as another address.
 */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text)
  return isIPv6(text) ? ipaddr.IPv6.parse(inHexadecimal(text.replace(/%.*$/, ''))) : undefined
}

/** Writes an IPv4 tail as two groups: the library takes `::192.0.2.1` for `::ffff:192.0.2.1`. */
function inHexadecimal(text: string): string {
  return text.includes('.') ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text
}

export function parseRange(text: string): AddressRange | undefined {
  const [, address = ''] = /^([0-9a-f.:]+)\/\d{1,3}$/i.exec(text) ?? []
  const network = parseAddress(address)
  if (network === undefined || !ipaddr.isValidCIDR(text)) return undefined
  const [, prefix] = ipaddr.parseCIDR(text)
  return [network, prefix]
}

export function isInRange(address: Address, range: AddressRange): boolean {
  return address.kind() === range[0].kind() && address.match(range)
}

/** The IPv4 address inside an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2); any other address unchanged. */
export function unmapped(text: string): string {
  const address = parseAddress(text)
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()
    ? address.toIPv4Address().toString()
    : text
}

/** The network around an IPv6 address, `2001:db8:1::/48` for three groups. Redis holds it in this spelling. */
export function ipv6Network({ parts }: ipaddr.IPv6, groups: number): string {
  const prefix = parts.slice(0, groups).map((part) => part.toString(16))
  return `${prefix.join(':')}::/${groups * 16}`
}

export function isIpv6(address: Address): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6'
}
