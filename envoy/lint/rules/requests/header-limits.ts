import { CONSENT_UI_HEADERS_KB } from '../../../../core/http/consent-ui-limits.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'

/** Room for the headers that Envoy adds. */
const ADDED_KB = 8
/** Above it consent-ui refuses what Envoy lets through, with an answer of Node's own. */
const MOST_KB = CONSENT_UI_HEADERS_KB - ADDED_KB
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
