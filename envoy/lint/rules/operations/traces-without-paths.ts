import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'no span contains a path or a query, which hold ids, codes and states',
  check: ({ managers }) =>
    managers
      .map(({ node }) => node.at('tracing'))
      .filter((tracing) => tracing.at('provider').exists && tracing.at('max_path_tag_length').text !== '0')
      .map((tracing) =>
        finding(tracing, {
          risk: 'Envoy writes the path and the query of each request into its span (http.url), with ids, codes and states.',
          fix: 'Set max_path_tag_length: 0.',
        }),
      ),
}
