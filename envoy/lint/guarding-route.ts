import { finding, type Advice, type Finding } from './finding.ts'
import type { Manager } from './manager.ts'
import type { Route } from './route.ts'
import type { Spot } from './spot.ts'

/**
 * A finding for each host that reaches a service without a route before it that refuses what the guard describes.
 *
 * @param guards - whether a route of this match refuses, for all these services, what must not come through
 */
export function unguarded(
  { hosts, routes }: Manager,
  guards: (match: Spot, services: readonly Route[]) => boolean,
  advice: Advice,
): readonly Finding[] {
  return hosts.flatMap((host) => {
    const ours = routes.filter((route) => route.host.path === host.path)
    const service = ours.findIndex(({ needsAuthz }) => needsAuthz)
    if (service === -1) return []
    const isGuarded = ours.slice(0, service).some(
      ({ spot, destination }) =>
        destination.kind === 'answer' &&
        destination.status >= 400 &&
        guards(
          spot.at('match'),
          ours.filter(({ needsAuthz }) => needsAuthz),
        ),
    )
    return isGuarded ? [] : [finding(host.at('routes'), advice)]
  })
}
