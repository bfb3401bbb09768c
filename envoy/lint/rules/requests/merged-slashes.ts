import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'Envoy merges repeated slashes before it chooses a route',
  check: ({ managers }) =>
    unlessOneOf(
      managers.map(({ node }) => node.at('merge_slashes')),
      [true],
      {
        risk: '//mcp takes another route than /mcp here, but not in the service; some clients read it as a host name.',
        fix: 'Set merge_slashes: true.',
      },
    ),
}
