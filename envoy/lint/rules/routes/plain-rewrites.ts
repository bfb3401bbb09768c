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
  holds: 'the route fixes the host and the start of the path that a service gets',
  check: ({ root }) => [
    ...unlessOneOf(fieldsNamed(root, CHOSEN_BY_REQUEST), [undefined, false], {
      risk: 'A header or a part of the path decides which host or path the service sees; authz judged another one.',
      fix: 'Use prefix_rewrite and host_rewrite_literal.',
    }),
    ...fieldsNamed(root, ['regex_rewrite'])
      .filter((rewrite) => !isPrefix(rewrite))
      .map((rewrite) =>
        finding(rewrite, {
          risk: 'The expression may produce a path that authz did not judge.',
          fix: "Set pattern to one literal start, as in '^/files/?', and substitution to a path that ends with a slash.",
        }),
      ),
  ],
}

/** True if only the start of a path changes, up to a slash. */
function isPrefix(rewrite: ConfigNode): boolean {
  const pattern = rewrite.at('pattern', 'regex').text ?? ''
  const substitution = rewrite.at('substitution').text ?? ''
  return /^\^(\/[\w-]+)+\/\?$/.test(pattern) && /^\/([^\\]*\/)?$/.test(substitution)
}
