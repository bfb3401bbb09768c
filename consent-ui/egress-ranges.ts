import { BlockList, isIP } from 'node:net'
import type { z } from 'zod'
import type { EgressRange } from './client-network.ts'

/** From where claude.ai refreshes tokens, several addresses at once (its documentation, November 2026). */
export const CLAUDE_EGRESS = '160.79.104.0/21'

/** A wider range would call strangers one network. */
const WIDEST = { 4: 16, 6: 32 }

/** Reads CONNECT_EGRESS_RANGES, `160.79.104.0/21,2001:db8::/32`. */
export function parseEgressRanges(text: string, context: z.core.$RefinementCtx): readonly EgressRange[] {
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
