import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Envoy's guide to the edge. */
const MOST = {
  max_concurrent_streams: 100,
  initial_stream_window_size: 65_536,
  initial_connection_window_size: 1_048_576,
}

export const http2Limits: Rule = {
  name: 'http2-limits',
  holds: 'one HTTP/2 connection can hold only so many streams and bytes',
  check: ({ managers }) =>
    managers
      .map(({ spot }) => spot.at('http2_protocol_options'))
      .flatMap((options) => Object.entries(MOST).map(([name, most]) => ({ spot: options.at(name), most })))
      .filter(({ spot: { number }, most }) => number === undefined || number <= 0 || number > most)
      .map(({ spot, most }) =>
        finding(spot, {
          risk: "Envoy's defaults are made for trusted neighbours: 1024 streams with 16 MiB each on one connection.",
          fix: `Set it, to at most ${most}.`,
        }),
      ),
}
