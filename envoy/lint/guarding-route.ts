import { finding, type Advice, type Finding } from './finding.ts'
import type { Manager } from './config/manager.ts'
import type { Route } from './config/route.ts'
import type { ConfigNode } from './config/config-node.ts'

/**
 * Finds each host with a service but no earlier route that refuses.
 *
 * @param guards - true if a match covers, for all these services, the requests to refuse
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
