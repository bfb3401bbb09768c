import { finding } from '../../finding.ts'
import { messagesOf } from '../../config/find.ts'
import { unknownIn } from '../../known/walk.ts'
import type { Rule } from '../../rule.ts'
import { EXECUTE_FILTER } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'every field and every extension is one that the linter knows, so none opens the gate unseen',
  check: ({ root }) =>
    [
      ...unknownIn(root, 'Bootstrap'),
      // Within matchers, which another rule compares.
      ...messagesOf(root, EXECUTE_FILTER).flatMap((action) => unknownIn(action, EXECUTE_FILTER)),
    ].map(({ node, what }) =>
      finding(node, {
        risk: `The linter does not know ${what}, so it cannot say what it lets through.`,
        fix: 'Take it out, write it in snake_case as Envoy documents it, or teach envoy/lint/known/ what it does.',
      }),
    ),
}
