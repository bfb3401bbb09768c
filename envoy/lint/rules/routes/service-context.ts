import { isDeepStrictEqual } from 'node:util'
import { finding } from '../../finding.ts'
import type { Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'a route to a service gives every stage the same service and path',
  check: ({ managers }) =>
    managers.flatMap(({ routes }) => routes.filter(({ needsAuthz }) => needsAuthz).flatMap(findWrongContext)),
}

function findWrongContext({ stages, node, name }: Route) {
  const [first] = stages
  const path = node.at('match', 'path').text ?? node.at('match', 'path_separated_prefix').text
  return stages
    .filter(({ context }) => {
      const isComplete = Boolean(context.get('service')) && isWithin(path, context.get('path'))
      return !isComplete || !isDeepStrictEqual(context, first?.context)
    })
    .map(({ stage }) =>
      finding(node.at('typed_per_filter_config', stage.name), {
        risk: `On route ${name}, ${stage.name} decides by the rules of another service, or of none.`,
        fix: "Set check_settings.context_extensions with service and path (the route's own, or one above it) for every stage.",
      }),
    )
}

function isWithin(path: string | undefined, folder: string | undefined): boolean {
  if (path === undefined || folder === undefined) return false
  return path === folder || path.startsWith(`${folder}/`)
}
