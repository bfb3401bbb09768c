import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'answers that stream for minutes do not use the connections of checks',
  check: (parsed) => {
    const checks = new Set(
      stagesOf(parsed).flatMap(({ config }) => askedBy(config).map(({ value }) => value)),
    )
    return listFiltersOf(parsed)
      .flatMap(askedBy)
      .filter(({ value }) => checks.has(value))
      .map((name) =>
        finding(name, {
          risk: 'A connection that is renewed counts until its last stream ends. With a stream on each connection, Envoy opens no other and answers every check with 503.',
          fix: 'Set cluster_name of the list filter to a separate cluster with the address of authz (authz-answers).',
        }),
      )
  },
}

function askedBy(filter: ConfigNode): readonly ConfigNode[] {
  return fieldsNamed(filter, ['grpc_service']).map((service) => service.at('envoy_grpc', 'cluster_name'))
}
