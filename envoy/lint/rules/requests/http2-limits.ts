import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Envoy's edge guide. */
const MOST = {
  max_concurrent_streams: 100,
  initial_stream_window_size: 65_536,
  initial_connection_window_size: 1_048_576,
}

export const rule: Rule = {
  holds: 'one HTTP/2 connection can hold only so many streams and bytes',
  check: ({ managers }) =>
    managers
      .map(({ node }) => node.at('http2_protocol_options'))
      .flatMap((options) => Object.entries(MOST).map(([name, most]) => ({ node: options.at(name), most })))
      .filter(({ node: { number }, most }) => number === undefined || number <= 0 || number > most)
      .map(({ node, most }) =>
        finding(node, {
          risk: "Envoy's defaults are made for trusted neighbours: 1024 streams with 16 MiB each on one connection.",
          fix: `Set it, to at most ${most}.`,
        }),
      ),
}
