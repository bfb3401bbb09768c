import { isBounded } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

const MAX_SECONDS = 300

export const rule: Rule = {
  holds: 'a request must be complete in time: headers, body, and each pause',
  check: ({ managers }) =>
    managers
      .flatMap(({ node }) =>
        ['request_headers_timeout', 'request_timeout', 'stream_idle_timeout'].map((name) => node.at(name)),
      )
      .filter((node) => !isBounded(node, MAX_SECONDS))
      .map((node) =>
        finding(node, {
          risk: 'A client that sends a byte now and then holds a connection and its buffers. 0s is no limit.',
          fix: `Set it above 0s, at most ${MAX_SECONDS}s; the idle_timeout of a route may be longer for streams.`,
        }),
      ),
}
