import { CONSENT_UI_HEADERS_KB } from '../../../../core/http/consent-ui-limits.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** Room for the headers that Envoy adds. */
const ADDED_KB = 8
/** consent-ui refuses larger headers, with an answer of Node's own. */
const MAX_KB = CONSENT_UI_HEADERS_KB - ADDED_KB
const MAX_HEADERS = 100

export const rule: Rule = {
  holds: 'the headers of a request are bounded in size and in number',
  check: ({ managers }) =>
    managers.flatMap(({ node }) => [
      ...unlessWithin(node.at('max_request_headers_kb'), MAX_KB),
      ...unlessWithin(node.at('common_http_protocol_options', 'max_headers_count'), MAX_HEADERS),
    ]),
}

function unlessWithin(node: ConfigNode, max: number) {
  const { number } = node
  if (number !== undefined && number > 0 && number <= max) return []
  return [
    finding(node, {
      risk: 'A flood of headers or cookies takes memory before authz is asked (CVE-2026-47774).',
      fix: `Set it to at most ${max}.`,
    }),
  ]
}
