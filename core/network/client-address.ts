import { ipv6Network, isIpv6, parseAddress, unmapped } from './ip-address.ts'

/** The client's address, set by Envoy. Clients cannot set it; every other address header is their own. */
export const CLIENT_ADDRESS_HEADER = 'x-envoy-external-address'
/** A machine or a household has a whole /64, and could use a new address each time. */
const SUBNET_GROUPS = 4
/** Providers give a /48 to an office or a household: 65,536 networks of /64. */
const SITE_GROUPS = 3
/** Several offices and households may share a /48. */
const SHARES_OF_SITE = 5

export interface CountedNetwork {
  readonly network: string
  /** A multiple of the limit of one address. */
  readonly shares: number
}

/** The address in the header; undefined for a request that did not come through Envoy. */
export function readClientAddress(text: string): string | undefined {
  return parseAddress(text) === undefined ? undefined : unmapped(text)
}

/** The networks that a request counts in, narrowest first: an IPv4 address; an IPv6 /64, and the /48 around it. */
export function countedNetworks(text: string): readonly [CountedNetwork, ...CountedNetwork[]] {
  const address = parseAddress(text)
  if (address === undefined || !isIpv6(address)) return [{ network: text, shares: 1 }]
  return [
    { network: ipv6Network(address, SUBNET_GROUPS), shares: 1 },
    { network: ipv6Network(address, SITE_GROUPS), shares: SHARES_OF_SITE },
  ]
}
