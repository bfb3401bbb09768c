import { authzClusters } from '../../config/authz-clusters.ts'
import { connectionLimitsOf } from '../../config/cluster.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Node closes an HTTP/2 connection after so many resets (nghttp2's stream reset limit: a burst of 1000). */
const MAX_REQUESTS = 1000

export const rule: Rule = {
  holds: 'clients that hang up in great numbers do not end the checks of other clients',
  check: (parsed) =>
    authzClusters(parsed).flatMap((cluster) => {
      const max = connectionLimitsOf(cluster).at('max_requests_per_connection')
      const { number = 0 } = max
      if (number > 0 && number <= MAX_REQUESTS) return []
      return [
        finding(max, {
          risk: 'Each client that hangs up resets its check. authz closes a connection after 1000 resets, and Envoy answers every check on it with 503.',
          fix: `Set common_http_protocol_options.max_requests_per_connection: ${MAX_REQUESTS}.`,
        }),
      ]
    }),
}
