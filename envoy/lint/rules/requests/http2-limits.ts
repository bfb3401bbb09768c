import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Envoy's edge guide. */
const MAX = {
  max_concurrent_streams: 100,
  initial_stream_window_size: 65_536,
  initial_connection_window_size: 1_048_576,
}

export const rule: Rule = {
  holds: 'one HTTP/2 connection has bounded streams and bytes',
  check: ({ managers }) =>
    managers
      .map(({ node }) => node.at('http2_protocol_options'))
      .flatMap((options) => Object.entries(MAX).map(([name, max]) => ({ node: options.at(name), max })))
      .filter(({ node: { number }, max }) => number === undefined || number <= 0 || number > max)
      .map(({ node, max }) =>
        finding(node, {
          risk: "Envoy's defaults are for trusted networks: 1024 streams with 16 MiB each on one connection.",
          fix: `Set it to at most ${max}.`,
        }),
      ),
}
