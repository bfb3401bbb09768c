import { isBounded } from '../../duration.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

const LONGEST_SECONDS = 300

export const requestTimeouts: Rule = {
  name: 'request-timeouts',
  holds: 'a request must be complete in time: headers, body, and each pause between',
  check: ({ managers }) =>
    managers
      .flatMap(({ spot }) =>
        ['request_headers_timeout', 'request_timeout', 'stream_idle_timeout'].map((name) => spot.at(name)),
      )
      .filter((spot) => !isBounded(spot, LONGEST_SECONDS))
      .map((spot) =>
        finding(spot, {
          risk: 'A client that sends a byte now and then holds a connection and its buffers for ever. 0s is no limit.',
          fix: `Set it, above 0s and at most ${LONGEST_SECONDS}s; a route's idle_timeout may be longer for streams.`,
        }),
      ),
}
