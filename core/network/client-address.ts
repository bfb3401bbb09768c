import { isIPv4, isIPv6 } from 'node:net'
import { groupsOf, unmapped } from './ip-address.ts'

/** What Envoy says of a client's address, and nobody outside can set; every other header is the client's own word. */
export const CLIENT_ADDRESS_HEADER = 'x-envoy-external-address'
/** A machine or a household has a whole /64, and could otherwise come with a new address each time. */
const SUBNET_GROUPS = 4
/** What a provider gives to an office or a household: up to 65,536 networks of /64. */
const SITE_GROUPS = 3
/** Several offices and households may share a /48. */
const SHARES_OF_SITE = 5

/** A network whose requests are counted together. */
export interface CountedNetwork {
  readonly network: string
  /** How many times the limit of one address it may have. */
  readonly shares: number
}

/** The address that the header holds; undefined for a request that did not come through Envoy. */
export function readClientAddress(text: string): string | undefined {
  return isIPv4(text) || isIPv6(text) ? unmapped(text) : undefined
}

/** The networks that a request counts in, narrowest first: an IPv4 address; an IPv6 /64, and the /48 around it. */
export function countedNetworks(address: string): readonly [CountedNetwork, ...CountedNetwork[]] {
  if (isIPv4(address)) return [{ network: address, shares: 1 }]
  const groups = groupsOf(address)
  const prefix = (count: number): string => `${groups.slice(0, count).join(':')}::/${count * 16}`
  return [
    { network: prefix(SUBNET_GROUPS), shares: 1 },
    { network: prefix(SITE_GROUPS), shares: SHARES_OF_SITE },
  ]
}
