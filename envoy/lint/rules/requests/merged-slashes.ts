import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'slashes that follow each other are one before a route is chosen',
  check: ({ managers }) =>
    unlessOneOf(
      managers.map(({ node }) => node.at('merge_slashes')),
      [true],
      {
        risk: '//mcp takes another route than /mcp here, and the same one in the service; some read it as a host name.',
        fix: 'Set merge_slashes: true.',
      },
    ),
}
