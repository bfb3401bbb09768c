import { secondsOf } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import { matcherOf } from '../../config/expression.ts'
import type { Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'

const BOUND_BY_AUTHZ = 'x-envoy-upstream-rq-timeout-ms'

export const rule: Rule = {
  holds: 'a stream is not cut after 15 seconds, and ends with the token that opened it',
  check: ({ managers }) =>
    managers.flatMap((manager) =>
      manager.routes
        .filter(({ destination }) => destination.kind !== 'answer')
        .flatMap((route) => [...unstated(route), ...endless(manager, route), ...silent(route)]),
    ),
}

function unstated({ node }: Route) {
  const timeout = node.at('route', 'timeout')
  if (secondsOf(timeout) !== undefined) return []
  return [
    finding(timeout, {
      risk: 'Unset it is 15 s, after which Envoy cuts every stream of events.',
      fix: 'Set timeout: 0s where answers stream, or the longest that an answer may take.',
    }),
  ]
}

/** A stream is asked about once, at its start: without an end it outlives its session. */
function endless({ stages: [first] }: Manager, { node, needsAuthz }: Route) {
  const timeout = node.at('route', 'timeout')
  const longest = secondsOf(node.at('route', 'max_stream_duration', 'max_stream_duration')) ?? 0
  if (!needsAuthz || secondsOf(timeout) !== 0 || longest > 0) return []
  const expression = first?.config.at('decoder_header_mutation_rules', 'allow_expression', 'regex')
  if (expression !== undefined && matcherOf(expression)?.(BOUND_BY_AUTHZ) === true) return []
  return [
    finding(timeout, {
      risk: 'A stream stays open after its session was revoked, for ever.',
      fix: `Let the first stage set ${BOUND_BY_AUTHZ}, or set max_stream_duration.`,
    }),
  ]
}

function silent({ node }: Route) {
  const idle = node.at('route', 'idle_timeout')
  if (!idle.exists || (secondsOf(idle) ?? 0) > 0) return []
  return [
    finding(idle, {
      risk: 'A stream on which nothing flows any more is never given up.',
      fix: 'Set it above the pause between two heartbeats of the service.',
    }),
  ]
}
