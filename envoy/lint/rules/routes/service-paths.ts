import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds: 'a service has exact paths, or everything below a whole path segment',
  check: ({ managers }) =>
    managers
      .flatMap(({ routes }) => routes)
      .filter(({ needsAuthz }) => needsAuthz)
      .map(({ node }) => node.at('match'))
      .filter((match) => !endsAtASegment(match) || !keepsCase(match))
      .map((match) =>
        finding(match, {
          risk: 'prefix: /mcp/platform also matches /mcp/platform-other, and a path in another case may differ for the service.',
          fix: 'Match by path or path_separated_prefix, without case_sensitive: false.',
        }),
      ),
}

function endsAtASegment(match: ConfigNode): boolean {
  return (
    match.at('path').exists ||
    match.at('path_separated_prefix').exists ||
    /.\/$/.test(match.at('prefix').text ?? '')
  )
}

function keepsCase(match: ConfigNode): boolean {
  const { value } = match.at('case_sensitive')
  return value === undefined || value === true
}
