import { isBounded, secondsOf } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'

const MAX_SECONDS = 5

export const rule: Rule = {
  holds: 'authz has a deadline, and Envoy cuts no stream as idle before it',
  check: ({ managers }) => managers.flatMap((manager) => [...unbounded(manager), ...cutShort(manager)]),
}

function unbounded({ stages }: Manager) {
  return stages
    .map(({ config }) => config.at('grpc_service', 'timeout'))
    .filter((timeout) => !isBounded(timeout, MAX_SECONDS))
    .map((timeout) =>
      finding(timeout, {
        risk: 'The default of 0.2 s is less than authz waits for Redis; 0s is no limit, so requests pile up.',
        fix: `Set grpc_service.timeout above authz's own deadline (0.5s), at most ${MAX_SECONDS}s.`,
      }),
    )
}

/** Envoy would answer 504, which hides the cause. */
function cutShort({ node, stages, routes }: Manager) {
  const asked = stages.reduce(
    (sum, { config }) => sum + (secondsOf(config.at('grpc_service', 'timeout')) ?? 0),
    0,
  )
  return [node.at('stream_idle_timeout'), ...routes.map((route) => route.node.at('route', 'idle_timeout'))]
    .filter((idle) => {
      const seconds = secondsOf(idle)
      return seconds !== undefined && seconds > 0 && seconds <= asked
    })
    .map((idle) =>
      finding(idle, {
        risk: 'The stream counts as idle while Envoy waits for authz, and ends before the answer.',
        fix: `Set the idle timeout well above ${asked}s, the timeouts of all stages together.`,
      }),
    )
}
