import { CONSENT_UI_KEEP_ALIVE_SECONDS } from '../../../../core/http/consent-ui-limits.ts'
import { secondsOf } from '../../duration.ts'
import { messagesOf } from '../../find.ts'
import { finding } from '../../finding.ts'
import { CONSENT_UI } from '../../route.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'
import { UPSTREAM_HTTP } from '../../types.ts'

/** The longest that a service's entry can ask for. */
const MAX_SECONDS = 900

export const idleConnections: Rule = {
  name: 'idle-connections',
  holds: 'Envoy closes an idle connection before the server behind it does',
  check: ({ clusters }) =>
    clusters.flatMap((cluster) => {
      const max = maxSecondsOf(cluster)
      const idle = idleTimeoutOf(cluster)
      const seconds = secondsOf(idle) ?? 0
      if (seconds > 0 && seconds <= max) return []
      return [
        finding(idle, {
          risk: 'Unset, Envoy keeps an idle connection for an hour, and 0s is for ever. A request on a connection that the server is closing gets 503.',
          fix: `Set it to less than the server keeps an idle connection, at most ${max}s.`,
        }),
      ]
    }),
}

function maxSecondsOf(cluster: Spot): number {
  return cluster.at('name').text === CONSENT_UI ? CONSENT_UI_KEEP_ALIVE_SECONDS - 1 : MAX_SECONDS
}

function idleTimeoutOf(cluster: Spot): Spot {
  const extensions = cluster.at('typed_extension_protocol_options')
  const [options = extensions] = messagesOf(extensions, UPSTREAM_HTTP)
  return options.at('common_http_protocol_options', 'idle_timeout')
}
