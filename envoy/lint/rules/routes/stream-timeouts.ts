import { secondsOf } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import { matcherOf } from '../../config/expression.ts'
import type { Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'

const BOUND_BY_AUTHZ = 'x-envoy-upstream-rq-timeout-ms'

export const rule: Rule = {
  holds: 'Envoy does not end a stream after 15 seconds, and ends it with its token',
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
      risk: 'The default is 15 s, after which Envoy ends every stream of events.',
      fix: 'Set timeout: 0s for streams, or the maximum time of an answer.',
    }),
  ]
}

/** Envoy asks authz only when a stream starts: without an end the stream outlives its session. */
function endless({ stages: [first] }: Manager, { node, needsAuthz }: Route) {
  const timeout = node.at('route', 'timeout')
  const max = secondsOf(node.at('route', 'max_stream_duration', 'max_stream_duration')) ?? 0
  if (!needsAuthz || secondsOf(timeout) !== 0 || max > 0) return []
  const expression = first?.config.at('decoder_header_mutation_rules', 'allow_expression', 'regex')
  if (expression !== undefined && matcherOf(expression)?.(BOUND_BY_AUTHZ) === true) return []
  return [
    finding(timeout, {
      risk: 'A stream stays open without end after its session was revoked.',
      fix: `Allow ${BOUND_BY_AUTHZ} in the first stage's allow_expression, or set max_stream_duration.`,
    }),
  ]
}

function silent({ node }: Route) {
  const idle = node.at('route', 'idle_timeout')
  if (!idle.exists || (secondsOf(idle) ?? 0) > 0) return []
  return [
    finding(idle, {
      risk: 'Envoy never ends a dead stream.',
      fix: 'Set idle_timeout above the time between two heartbeats of the service.',
    }),
  ]
}
