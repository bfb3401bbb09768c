import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** By these a service could set a cookie of the consent pages, or delete them: both share one host. */
const NEVER = ['set-cookie', 'clear-site-data']

export const serviceAnswers: Rule = {
  name: 'service-answers',
  holds: 'a service cannot set or clear cookies of the Connect host',
  check: ({ managers }) =>
    managers
      .flatMap(({ routes }) => routes)
      .filter(({ needsAuthz }) => needsAuthz)
      .map(({ spot }) => spot.at('response_headers_to_remove'))
      .filter((removed) => {
        const names = removed.items().map(({ text }) => text?.toLowerCase())
        return NEVER.some((name) => !names.includes(name))
      })
      .map((removed) =>
        finding(removed, {
          risk: 'A service signs the person in as somebody else at the consent pages, or out of them.',
          fix: `Set response_headers_to_remove: [${NEVER.join(', ')}] on the route.`,
        }),
      ),
}
