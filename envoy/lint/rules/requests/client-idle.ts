import { isBounded } from '../../duration.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'

/** Where clients connect to Envoy itself. */
const MAX_DIRECT_SECONDS = 60
/** Behind a load balancer, which keeps a connection for 4000 s at most and must be the first to close it. */
const MAX_BALANCED_SECONDS = 4100

export const clientIdle: Rule = {
  name: 'client-idle',
  holds: 'an idle connection of a client is closed, after a minute where there is no load balancer in front',
  check: ({ managers }) =>
    managers
      .map(({ spot }) => ({
        idle: spot.at('common_http_protocol_options', 'idle_timeout'),
        max: maxFor(spot),
      }))
      .filter(({ idle, max }) => !isBounded(idle, max))
      .map(({ idle, max }) =>
        finding(idle, {
          risk: 'One client keeps all connections that Envoy may have (max_active_downstream_connections), and sends nothing.',
          fix: `Set it, above 0s and at most ${max}s: it depends on xff_num_trusted_hops.`,
        }),
      ),
}

function maxFor(manager: Spot): number {
  return manager.at('xff_num_trusted_hops').number === 0 ? MAX_DIRECT_SECONDS : MAX_BALANCED_SECONDS
}
