import { z } from 'zod'
import { isInRange, isIpv6, parseAddress, parseRange, type AddressRange } from './ip-address.ts'

/** A network that counts as one, `160.79.104.0/21`. */
export interface EgressRange {
  readonly text: string
  readonly range: AddressRange
}

/** Servers of claude.ai refresh tokens from several of these addresses at once (its documentation, November 2026). */
const CLAUDE_EGRESS = '160.79.104.0/21'

/** A wider range would count unrelated networks as one. */
const MIN_PREFIX = { ipv4: 16, ipv6: 32 }

/** Schema of `CONNECT_EGRESS_RANGES`: networks that each count as one network when refresh tokens are judged. */
export const egressRanges = z.string().default(CLAUDE_EGRESS).transform(parseEgressRanges)

/** Schema of `RATE_LIMIT_EXEMPT`: networks whose servers send requests for many users, or `none`. */
export const sharedEgressRanges = z
  .string()
  .default(CLAUDE_EGRESS)
  .transform((text, context) => parseEgressRanges(text === 'none' ? '' : text, context))

/** The range that contains an address. IPv4-mapped IPv6 addresses must be `unmapped` first. */
export function egressRangeOf(text: string, ranges: readonly EgressRange[]): EgressRange | undefined {
  const address = parseAddress(text)
  return address === undefined ? undefined : ranges.find(({ range }) => isInRange(address, range))
}

function parseEgressRanges(text: string, context: z.core.$RefinementCtx): readonly EgressRange[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  return entries.flatMap((entry) => {
    const range = parseRange(entry)
    if (range !== undefined && range[1] >= minPrefixOf(range)) return [{ text: entry, range }]
    const fix =
      range === undefined
        ? 'is not a network; write 192.0.2.0/24'
        : `is too wide; write /${minPrefixOf(range)} or a longer prefix`
    context.addIssue({ code: 'custom', message: `${JSON.stringify(entry)} ${fix}` })
    return []
  })
}

function minPrefixOf([address]: AddressRange): number {
  return isIpv6(address) ? MIN_PREFIX.ipv6 : MIN_PREFIX.ipv4
}
