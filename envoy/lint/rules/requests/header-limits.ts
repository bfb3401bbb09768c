import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'

/** Envoy's default, and what an AWS load balancer lets through at most is 64 KB. */
const MOST_KB = 64
const MOST_HEADERS = 100

export const headerLimits: Rule = {
  name: 'header-limits',
  holds: 'the headers of a request are bounded, in size and in number',
  check: ({ managers }) =>
    managers.flatMap(({ spot }) => [
      ...unlessAtMost(spot.at('max_request_headers_kb'), MOST_KB),
      ...unlessAtMost(spot.at('common_http_protocol_options', 'max_headers_count'), MOST_HEADERS),
    ]),
}

function unlessAtMost(spot: Spot, most: number) {
  const { number } = spot
  if (number !== undefined && number > 0 && number <= most) return []
  return [
    finding(spot, {
      risk: 'A flood of headers or cookies takes memory before anybody is asked who sent it (CVE-2026-47774).',
      fix: `Set it, to at most ${most}.`,
    }),
  ]
}
