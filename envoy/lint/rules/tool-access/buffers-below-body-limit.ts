import { bodySettingsOf } from '../../config/body-settings.ts'
import { finding } from '../../finding.ts'
import { managersOf } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** As Envoy's edge guide recommends. */
const LISTENER_BYTES = 32_768
const WINDOW_BYTES = 65_536

export const rule: Rule = {
  holds: 'the buffers before authenticate are far smaller than the body limit',
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
      const max = Math.min(...limits.map((bytes) => bytes / 2))
      return [
        ...unlessWithin(listener.at('per_connection_buffer_limit_bytes'), Math.min(max, LISTENER_BYTES)),
        ...managers.flatMap(({ node }) =>
          unlessWithin(
            node.at('http2_protocol_options', 'initial_stream_window_size'),
            Math.min(max, WINDOW_BYTES),
          ),
        ),
      ]
    }),
}

function unlessWithin(node: ConfigNode, max: number) {
  const { number } = node
  if (number !== undefined && number > 0 && number <= max) return []
  return [
    finding(node, {
      risk: 'Buffered bytes reach the later stage at once: it judges a truncated body, or large bodies hang.',
      fix: `Set it to at most ${max}.`,
    }),
  ]
}
