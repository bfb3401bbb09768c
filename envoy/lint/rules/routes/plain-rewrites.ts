import { fieldsNamed } from '../../config/find.ts'
import { finding, unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

const CHOSEN_BY_REQUEST = [
  'host_rewrite_header',
  'host_rewrite_path_regex',
  'auto_host_rewrite',
  'path_rewrite_policy',
]

export const rule: Rule = {
  holds: 'host and beginning of the path that a service sees are fixed by the route, not by the request',
  check: ({ root }) => [
    ...unlessOneOf(fieldsNamed(root, CHOSEN_BY_REQUEST), [undefined, false], {
      risk: 'A header or a part of the path decides which host or path the service sees: authz judged another one.',
      fix: 'Use prefix_rewrite and host_rewrite_literal.',
    }),
    ...fieldsNamed(root, ['regex_rewrite'])
      .filter((rewrite) => !isPrefix(rewrite))
      .map((rewrite) =>
        finding(rewrite, {
          risk: 'The expression may turn one path into another that nobody judged.',
          fix: "Take one literal beginning off, as in pattern '^/files/?', and put another in its place that ends with a slash.",
        }),
      ),
  ],
}

/** Only the beginning changes; what follows it begins after a slash, before and after. */
function isPrefix(rewrite: ConfigNode): boolean {
  const pattern = rewrite.at('pattern', 'regex').text ?? ''
  const substitution = rewrite.at('substitution').text ?? ''
  return /^\^(\/[\w-]+)+\/\?$/.test(pattern) && /^\/([^\\]*\/)?$/.test(substitution)
}
