import { fieldsNamed } from '../../find.ts'
import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../list-filters.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'
import { stagesOf } from '../../stages.ts'

export const listOwnConnections: Rule = {
  name: 'list-own-connections',
  holds: 'answers that stream for minutes do not take the connections of checks',
  check: (edge) => {
    const checks = new Set(stagesOf(edge).flatMap(({ config }) => askedBy(config).map(({ value }) => value)))
    return listFiltersOf(edge)
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

function askedBy(filter: Spot): readonly Spot[] {
  return fieldsNamed(filter, ['grpc_service']).map((service) => service.at('envoy_grpc', 'cluster_name'))
}
