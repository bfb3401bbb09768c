import { finding, type Advice, type Finding } from './finding.ts'
import type { Manager } from './config/manager.ts'
import type { Route } from './config/route.ts'
import type { ConfigNode } from './config/config-node.ts'

/**
 * A finding for each host that reaches a service without a route before it that refuses what the guard describes.
 *
 * @param guards - whether a route of this match refuses, for all these services, what must not come through
 */
export function unguarded(
  { hosts, routes }: Manager,
  guards: (match: ConfigNode, services: readonly Route[]) => boolean,
  advice: Advice,
): readonly Finding[] {
  return hosts.flatMap((host) => {
    const ours = routes.filter((route) => route.host.path === host.path)
    const service = ours.findIndex(({ needsAuthz }) => needsAuthz)
    if (service === -1) return []
    const isGuarded = ours.slice(0, service).some(
      ({ node, destination }) =>
        destination.kind === 'answer' &&
        destination.status >= 400 &&
        guards(
          node.at('match'),
          ours.filter(({ needsAuthz }) => needsAuthz),
        ),
    )
    return isGuarded ? [] : [finding(host.at('routes'), advice)]
  })
}
