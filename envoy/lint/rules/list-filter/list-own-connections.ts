import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'answers that stream for minutes do not take the connections of checks',
  check: (parsed) => {
    const checks = new Set(
      stagesOf(parsed).flatMap(({ config }) => askedBy(config).map(({ value }) => value)),
    )
    return listFiltersOf(parsed)
      .flatMap(askedBy)
      .filter(({ value }) => checks.has(value))
      .map((name) =>
        finding(name, {
          risk: 'A connection that is renewed counts until its last stream ends. With a stream on each, Envoy opens no other, and every check is answered 503.',
          fix: 'Give the list filter a cluster of its own that leads to authz (authz-answers).',
        }),
      )
  },
}

function askedBy(filter: ConfigNode): readonly ConfigNode[] {
  return fieldsNamed(filter, ['grpc_service']).map((service) => service.at('envoy_grpc', 'cluster_name'))
}
