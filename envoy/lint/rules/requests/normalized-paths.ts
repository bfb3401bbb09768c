import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'Envoy normalises a path before it chooses a route (RFC 3986 section 6)',
  check: ({ managers }) =>
    unlessOneOf(
      managers.map(({ node }) => node.at('normalize_path')),
      [true],
      {
        risk: 'Envoy routes /connect/../mcp as /connect, without authentication, and the service reads it as /mcp.',
        fix: 'Set normalize_path: true.',
      },
    ),
}
