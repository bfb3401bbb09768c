import { isBounded } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

const LONGEST_SECONDS = 300

export const rule: Rule = {
  holds: 'a request must be complete in time: headers, body, and each pause between',
  check: ({ managers }) =>
    managers
      .flatMap(({ node }) =>
        ['request_headers_timeout', 'request_timeout', 'stream_idle_timeout'].map((name) => node.at(name)),
      )
      .filter((node) => !isBounded(node, LONGEST_SECONDS))
      .map((node) =>
        finding(node, {
          risk: 'A client that sends a byte now and then holds a connection and its buffers for ever. 0s is no limit.',
          fix: `Set it, above 0s and at most ${LONGEST_SECONDS}s; a route's idle_timeout may be longer for streams.`,
        }),
      ),
}
