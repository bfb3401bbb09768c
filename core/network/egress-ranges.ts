import { BlockList, isIP, isIPv4 } from 'node:net'
import { z } from 'zod'

/** Addresses that one party sends from, `160.79.104.0/21`: together they are one network. */
export interface EgressRange {
  readonly text: string
  readonly addresses: BlockList
}

/** From where claude.ai refreshes tokens, several addresses at once (its documentation, November 2026). */
const CLAUDE_EGRESS = '160.79.104.0/21'

/** A wider range would call strangers one network. */
const WIDEST = { 4: 16, 6: 32 }

/** Schema of `CONNECT_EGRESS_RANGES`: networks that each count as one network when refresh tokens are judged. */
export const egressRanges = z.string().default(CLAUDE_EGRESS).transform(parseEgressRanges)

/**
 * Schema of `RATE_LIMIT_EXEMPT`: networks from which servers send requests for many users, or `none`. Claude's servers
 * register, refresh and send requests for every user of claude.ai.
 */
export const sharedEgressRanges = z
  .string()
  .default(CLAUDE_EGRESS)
  .transform((text, context) => parseEgressRanges(text === 'none' ? '' : text, context))

/** The range that an address is in, which is `unmapped`; undefined where it is in none. */
export function egressRangeOf(address: string, ranges: readonly EgressRange[]): EgressRange | undefined {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  return ranges.find(({ addresses }) => addresses.check(address, family))
}

/** Reads CONNECT_EGRESS_RANGES or RATE_LIMIT_EXEMPT, such as `160.79.104.0/21,2001:db8::/32`. */
function parseEgressRanges(text: string, context: z.core.$RefinementCtx): readonly EgressRange[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  return entries.flatMap((entry) => {
    const range = rangeOf(entry)
    if (typeof range !== 'string') return [range]
    context.addIssue({ code: 'custom', message: `${JSON.stringify(entry)} ${range}` })
    return []
  })
}

/** The range, or what is wrong with it. */
function rangeOf(entry: string): EgressRange | string {
  const [, address = '', digits = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(entry) ?? []
  const version = isIP(address)
  if (version !== 4 && version !== 6) return 'must be a range such as 192.0.2.0/24'
  const bits = Number(digits)
  if (bits > (version === 4 ? 32 : 128)) return 'must be a range such as 192.0.2.0/24'
  if (bits < WIDEST[version]) return `must not be wider than /${WIDEST[version]}`
  const addresses = new BlockList()
  addresses.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6')
  return { text: entry, addresses }
}
