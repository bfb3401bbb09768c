import { isBounded } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** Where clients connect to Envoy itself. */
const MAX_DIRECT_SECONDS = 60
/** Behind a load balancer, which keeps a connection for 4000 s at most and must be the first to close it. */
const MAX_BALANCED_SECONDS = 4100

export const rule: Rule = {
  holds: 'an idle connection of a client is closed, after a minute where there is no load balancer in front',
  check: ({ managers }) =>
    managers
      .map(({ node }) => ({
        idle: node.at('common_http_protocol_options', 'idle_timeout'),
        max: maxFor(node),
      }))
      .filter(({ idle, max }) => !isBounded(idle, max))
      .map(({ idle, max }) =>
        finding(idle, {
          risk: 'One client keeps all connections that Envoy may have (max_active_downstream_connections), and sends nothing.',
          fix: `Set it, above 0s and at most ${max}s: it depends on xff_num_trusted_hops.`,
        }),
      ),
}

function maxFor(manager: ConfigNode): number {
  return manager.at('xff_num_trusted_hops').number === 0 ? MAX_DIRECT_SECONDS : MAX_BALANCED_SECONDS
}
