import { finding } from '../../finding.ts'
import { messagesOf } from '../../config/find.ts'
import { unknownIn } from '../../known/walk.ts'
import type { Rule } from '../../rule.ts'
import { EXECUTE_FILTER } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'the linter knows every field and every extension, so none opens Envoy unseen',
  check: ({ root }) =>
    [
      ...unknownIn(root, 'Bootstrap'),
      // These stand inside matchers, which unknownIn() skips.
      ...messagesOf(root, EXECUTE_FILTER).flatMap((action) => unknownIn(action, EXECUTE_FILTER)),
    ].map(({ node, what }) =>
      finding(node, {
        risk: `The linter does not know ${what}, so it cannot say what it lets through.`,
        fix: 'Remove it, write it in snake_case as Envoy documents it, or add it to envoy/lint/known/.',
      }),
    ),
}
