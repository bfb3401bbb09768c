import { finding, unlessOneOf, whereverSet } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { AUTHZ_NAMESPACE } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'the list filter changes only bodies: no header, no route, no metadata of authz',
  check: (parsed) =>
    listFiltersOf(parsed).flatMap((filter) => [...headers(filter), ...metadata(filter), ...routes(filter)]),
}

function headers(filter: ConfigNode) {
  const rules = filter.at('mutation_rules')
  const advice = {
    risk: 'An answer of authz could set cookies, or give a body another type.',
    fix: 'Set mutation_rules: { disallow_all: true }, without a field that allows.',
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
          risk: 'authz gets the metadata of other filters, which it does not need.',
          fix: `Forward only ${AUTHZ_NAMESPACE}.`,
        }),
      ),
    ...whereverSet([options.at('receiving_namespaces')], {
      risk: 'The list filter could overwrite the session in the metadata.',
      fix: 'Remove receiving_namespaces.',
    }),
  ]
}

function routes(filter: ConfigNode) {
  return unlessOneOf([filter.at('route_cache_action')], [undefined, 'RETAIN'], {
    risk: 'Envoy chooses a new route after authz allowed the first one.',
    fix: 'Remove route_cache_action.',
  })
}
