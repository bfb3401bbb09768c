import { CONSENT_UI_HEADERS_KB } from '../../../../core/http/consent-ui-limits.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** Room for the headers that Envoy adds. */
const ADDED_KB = 8
/** Above it consent-ui refuses what Envoy lets through, with an answer of Node's own. */
const MOST_KB = CONSENT_UI_HEADERS_KB - ADDED_KB
const MOST_HEADERS = 100

export const rule: Rule = {
  holds: 'the headers of a request are bounded, in size and in number',
  check: ({ managers }) =>
    managers.flatMap(({ node }) => [
      ...unlessAtMost(node.at('max_request_headers_kb'), MOST_KB),
      ...unlessAtMost(node.at('common_http_protocol_options', 'max_headers_count'), MOST_HEADERS),
    ]),
}

function unlessAtMost(node: ConfigNode, most: number) {
  const { number } = node
  if (number !== undefined && number > 0 && number <= most) return []
  return [
    finding(node, {
      risk: 'A flood of headers or cookies takes memory before anybody is asked who sent it (CVE-2026-47774).',
      fix: `Set it, to at most ${most}.`,
    }),
  ]
}
