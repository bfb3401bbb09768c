import { isBounded } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** Without a load balancer in front. */
const MAX_DIRECT_SECONDS = 60
/** Behind a load balancer, which must be the first to close its connection (AWS: after at most 4000 s). */
const MAX_BALANCED_SECONDS = 4100

export const rule: Rule = {
  holds: 'Envoy closes idle client connections, after a minute if no load balancer is in front',
  check: ({ managers }) =>
    managers
      .map(({ node }) => ({
        idle: node.at('common_http_protocol_options', 'idle_timeout'),
        max: maxFor(node),
      }))
      .filter(({ idle, max }) => !isBounded(idle, max))
      .map(({ idle, max }) =>
        finding(idle, {
          risk: 'One client can hold all connections (max_active_downstream_connections) and send nothing.',
          fix: `Set idle_timeout above 0s, at most ${max}s; the limit depends on xff_num_trusted_hops.`,
        }),
      ),
}

function maxFor(manager: ConfigNode): number {
  return manager.at('xff_num_trusted_hops').number === 0 ? MAX_DIRECT_SECONDS : MAX_BALANCED_SECONDS
}
