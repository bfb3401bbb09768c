import { CONSENT_UI_KEEP_ALIVE_SECONDS } from '../../../../core/http/consent-ui-limits.ts'
import { connectionLimitsOf } from '../../config/cluster.ts'
import { secondsOf } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import { CONSENT_UI } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** The maximum that a service's entry can set. */
const MAX_SECONDS = 900

export const rule: Rule = {
  holds: 'Envoy closes an idle connection before the server behind it does',
  check: ({ clusters }) =>
    clusters.flatMap((cluster) => {
      const max = maxSecondsOf(cluster)
      const idle = connectionLimitsOf(cluster).at('idle_timeout')
      const seconds = secondsOf(idle) ?? 0
      if (seconds > 0 && seconds <= max) return []
      return [
        finding(idle, {
          risk: 'The default is an hour, and 0s is no limit. A request on a connection that the server is closing gets 503.',
          fix: `Set common_http_protocol_options.idle_timeout below the keep-alive of the server, at most ${max}s.`,
        }),
      ]
    }),
}

function maxSecondsOf(cluster: ConfigNode): number {
  return cluster.at('name').text === CONSENT_UI ? CONSENT_UI_KEEP_ALIVE_SECONDS - 1 : MAX_SECONDS
}
