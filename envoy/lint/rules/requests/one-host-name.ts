import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'a host name has one spelling: Envoy removes its port and its last dot',
  check: ({ managers }) =>
    unlessOneOf(
      managers.flatMap(({ node }) => [node.at('strip_any_host_port'), node.at('strip_trailing_host_dot')]),
      [true],
      {
        risk: 'The same host with a port or a dot takes another virtual host, with other rules.',
        fix: 'Set strip_any_host_port: true and strip_trailing_host_dot: true.',
      },
    ),
}
