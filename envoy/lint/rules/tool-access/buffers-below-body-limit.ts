import { bodySettingsOf } from '../../config/body-settings.ts'
import { finding } from '../../finding.ts'
import { managersOf } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** What Envoy's edge guide recommends, and what was driven on the real binary. */
const LISTENER_BYTES = 32_768
const WINDOW_BYTES = 65_536

export const rule: Rule = {
  holds: 'what is held back while the first stage is asked is far less than a body may have',
  check: ({ listeners }) =>
    listeners.flatMap((listener) => {
      const managers = managersOf(listener)
      const limits = managers.flatMap((manager) =>
        manager.stages
          .slice(1)
          .flatMap((stage) => bodySettingsOf(manager, stage))
          .map(({ body }) => body.at('max_request_bytes').number)
          .filter((bytes) => bytes !== undefined),
      )
      // Half of the smallest limit at most.
      const most = Math.min(...limits.map((bytes) => bytes / 2))
      return [
        ...unlessAtMost(listener.at('per_connection_buffer_limit_bytes'), Math.min(most, LISTENER_BYTES)),
        ...managers.flatMap(({ node }) =>
          unlessAtMost(
            node.at('http2_protocol_options', 'initial_stream_window_size'),
            Math.min(most, WINDOW_BYTES),
          ),
        ),
      ]
    }),
}

function unlessAtMost(node: ConfigNode, most: number) {
  const { number } = node
  if (number !== undefined && number > 0 && number <= most) return []
  return [
    finding(node, {
      risk: 'What was held back reaches the later stage in one piece: it judges a truncated body, or large bodies hang.',
      fix: `Set it, to at most ${most}.`,
    }),
  ]
}
