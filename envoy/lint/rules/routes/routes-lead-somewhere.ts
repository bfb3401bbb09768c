import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'every route names a cluster of this file, or has a direct_response',
  check: ({ managers, cluster }) =>
    managers
      .flatMap(({ routes }) => routes)
      .filter(({ destination }) => {
        if (destination.kind === 'cluster') return cluster(destination.cluster) === undefined
        return destination.kind === 'unclear'
      })
      .map(({ node, name }) =>
        finding(node, {
          risk: `The linter cannot read where route ${name} leads.`,
          fix: 'Set route.cluster to a cluster of this file, or direct_response.status.',
        }),
      ),
}
