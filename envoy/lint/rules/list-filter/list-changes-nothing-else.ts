import { finding, unlessOneOf, whereverSet } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { AUTHZ_NAMESPACE } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'the list filter changes bodies alone: no header, no route, nothing of what authz said',
  check: (parsed) =>
    listFiltersOf(parsed).flatMap((filter) => [...headers(filter), ...metadata(filter), ...routes(filter)]),
}

function headers(filter: ConfigNode) {
  const rules = filter.at('mutation_rules')
  const advice = {
    risk: 'Headers of an answer could be changed: cookies set, bodies given another meaning.',
    fix: 'Set mutation_rules: { disallow_all: true }, and nothing that allows.',
  }
  return [
    ...unlessOneOf([rules.at('disallow_all')], [true], advice),
    ...whereverSet(
      [rules.at('allow_expression'), rules.at('allow_all_routing'), rules.at('allow_envoy')],
      advice,
    ),
  ]
}

function metadata(filter: ConfigNode) {
  const options = filter.at('metadata_options')
  return [
    ...options
      .at('forwarding_namespaces')
      .entries()
      .flatMap(([, names]) => names.items())
      .filter(({ text }) => text !== AUTHZ_NAMESPACE)
      .map((name) =>
        finding(name, {
          risk: 'What other filters noted about a request is none of its business.',
          fix: `Forward ${AUTHZ_NAMESPACE} alone.`,
        }),
      ),
    ...whereverSet([options.at('receiving_namespaces')], {
      risk: 'The list filter could overwrite what authz said of the session.',
      fix: 'Take it out.',
    }),
  ]
}

function routes(filter: ConfigNode) {
  return unlessOneOf([filter.at('route_cache_action')], [undefined, 'RETAIN'], {
    risk: 'A request is routed anew after authz allowed it.',
    fix: 'Take it out.',
  })
}
