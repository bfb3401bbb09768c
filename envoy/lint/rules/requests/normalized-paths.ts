import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'a path is normalised before a route is chosen (RFC 3986 section 6)',
  check: ({ managers }) =>
    unlessOneOf(
      managers.map(({ node }) => node.at('normalize_path')),
      [true],
      {
        risk: '/connect/../mcp is routed as /connect, without authentication, and the service reads it as /mcp.',
        fix: 'Set normalize_path: true.',
      },
    ),
}
