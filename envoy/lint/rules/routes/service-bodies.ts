import { bufferLimitOf } from '../../config/body-limit.ts'
import { finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Route } from '../../config/route.ts'
import { hasHeader, lengthBelow } from '../../config/route-match.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'a request to a service has one body limit, with or without a content-length',
  check: ({ managers }) =>
    managers.flatMap((manager) => {
      const routes = manager.routes.filter(({ needsAuthz }) => needsAuthz)
      const limits = routes.map((route) => ({ route, limit: limitOf(manager, route) }))
      return limits
        .filter(
          ({ route, limit }) =>
            limit === undefined || limits.some((other) => disagree({ route, limit }, other)),
        )
        .map(({ route: { node, name } }) =>
          finding(node, {
            risk: `On route ${name} the body limit is missing, or depends on whether the client sends content-length.`,
            fix: 'Match content-length below the limit (range_match), or its absence with BufferPerRoute of the same limit.',
          }),
        )
    }),
}

interface Limited {
  readonly route: Route
  readonly limit: number | undefined
}

function disagree(one: Limited, other: Limited): boolean {
  return serviceOf(one) === serviceOf(other) && one.limit !== other.limit && !reads(one) && !reads(other)
}

function serviceOf({ route: { stages } }: Limited): string | undefined {
  return stages[0]?.context.get('service')
}

/** A route that only reads may take less (rule reading-routes). */
function reads({ route: { stages } }: Limited): boolean {
  return stages[0]?.context.has('reads') === true
}

/** In bytes; undefined where it has no limit. */
function limitOf(manager: Manager, route: Route): number | undefined {
  const headers = route.node.at('match', 'headers')
  const below = lengthBelow(headers)
  if (below !== undefined) return below - 1
  const isUnsized = hasHeader(headers, 'content-length', { present_match: false })
  return isUnsized ? bufferLimitOf(manager, route) : undefined
}
