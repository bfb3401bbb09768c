import { finding, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'Envoy asks authz about every request: authenticate has no condition',
  check: ({ managers }) =>
    managers.flatMap(({ node, stages: [first] }) => {
      if (first === undefined) {
        return [
          finding(node.at('http_filters'), {
            risk: 'There is no ext_authz filter: every client reaches every service.',
            fix: 'Add the authenticate filter (ext_authz) before the router.',
          }),
        ]
      }
      return whereverSet(
        ['filter_enabled', 'filter_enabled_metadata', 'deny_at_disable'].map((name) => first.config.at(name)),
        {
          risk: 'Under this condition Envoy does not ask authz, and the request passes without a credential.',
          fix: 'Remove the field: the first ext_authz filter is always on.',
        },
      )
    }),
}
