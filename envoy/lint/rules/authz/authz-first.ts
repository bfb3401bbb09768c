import { finding, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'authz is asked about every request: the first question has no condition',
  check: ({ managers }) =>
    managers.flatMap(({ node, stages: [first] }) => {
      if (first === undefined) {
        return [
          finding(node.at('http_filters'), {
            risk: 'There is no ext_authz filter: whoever connects reaches every service.',
            fix: 'Put the authenticate filter (ext_authz) before the router.',
          }),
        ]
      }
      return whereverSet(
        ['filter_enabled', 'filter_enabled_metadata', 'deny_at_disable'].map((name) => first.config.at(name)),
        {
          risk: 'Under this condition authz is not asked, and the request passes without a credential.',
          fix: 'Take it out: the first ext_authz filter is always on.',
        },
      )
    }),
}
