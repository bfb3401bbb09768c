import { messagesOf } from '../../config/find.ts'
import { unlessOneOf, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { CORS_POLICY } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'a web page of another origin reads answers, but never with the person’s cookies',
  check: ({ root }) => {
    const policies = messagesOf(root, CORS_POLICY)
    return [
      ...unlessOneOf(
        policies.flatMap((policy) =>
          ['allow_credentials', 'allow_private_network_access'].map((name) => policy.at(name)),
        ),
        [undefined, false],
        {
          risk: 'Any web page uses the consent pages in the name of whoever visits it.',
          fix: 'Take it out.',
        },
      ),
      ...whereverSet(
        policies.map((policy) => policy.at('shadow_enabled')),
        { risk: 'The policy is only counted, not applied.', fix: 'Take it out.' },
      ),
    ]
  },
}
