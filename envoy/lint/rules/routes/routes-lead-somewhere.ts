import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'every route names a cluster of this file, or answers with a status that refuses or says nothing',
  check: ({ managers, cluster }) =>
    managers
      .flatMap(({ routes }) => routes)
      .filter(({ destination }) => {
        if (destination.kind === 'cluster') return cluster(destination.cluster) === undefined
        return destination.kind === 'unclear'
      })
      .map(({ node, name }) =>
        finding(node, {
          risk: `The linter cannot tell where route ${name} leads.`,
          fix: 'Give it a route.cluster of this file, or a direct_response with a status.',
        }),
      ),
}
