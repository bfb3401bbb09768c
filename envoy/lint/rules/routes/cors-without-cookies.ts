import { messagesOf } from '../../config/find.ts'
import { unlessOneOf, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { CORS_POLICY } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'a web page of another origin can read answers, but never with the user’s cookies',
  check: ({ root }) => {
    const policies = messagesOf(root, CORS_POLICY)
    return [
      ...unlessOneOf(
        policies.flatMap((policy) =>
          ['allow_credentials', 'allow_private_network_access'].map((name) => policy.at(name)),
        ),
        [undefined, false],
        {
          risk: 'Any web page can use the consent pages as the user who visits it.',
          fix: 'Remove the field.',
        },
      ),
      ...whereverSet(
        policies.map((policy) => policy.at('shadow_enabled')),
        { risk: 'Envoy only counts the policy, and does not apply it.', fix: 'Remove shadow_enabled.' },
      ),
    ]
  },
}
