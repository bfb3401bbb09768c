import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'a host name has one spelling: its port and its last dot are taken off',
  check: ({ managers }) =>
    unlessOneOf(
      managers.flatMap(({ node }) => [node.at('strip_any_host_port'), node.at('strip_trailing_host_dot')]),
      [true],
      {
        risk: 'The same host spelt with a port or a dot falls to another virtual host, with other rules.',
        fix: 'Set strip_any_host_port: true and strip_trailing_host_dot: true.',
      },
    ),
}
