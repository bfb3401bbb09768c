import { messagesOf } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { HEALTH_CHECK } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'the health check answers at one exact path, and forwards nothing',
  check: ({ root }) =>
    messagesOf(root, HEALTH_CHECK)
      .filter((filter) => !isExact(filter))
      .map((filter) =>
        finding(filter, {
          risk: 'Envoy answers or forwards other requests before it asks authz.',
          fix: 'Set pass_through_mode: false, and headers to only :path with an exact string_match.',
        }),
      ),
}

function isExact(filter: ConfigNode): boolean {
  const [path, ...others] = filter.at('headers').items()
  if (path === undefined || others.length > 0 || filter.at('pass_through_mode').value !== false) return false
  const match = path.at('string_match')
  return (
    path.at('name').value === ':path' &&
    path.at('invert_match').value === undefined &&
    match.entries().length === 1 &&
    match.at('exact').text?.startsWith('/') === true
  )
}
