import { isBounded, secondsOf } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'

const LONGEST_SECONDS = 5

export const rule: Rule = {
  holds: 'authz has a time to answer in, and no stream is cut while it is asked',
  check: ({ managers }) => managers.flatMap((manager) => [...unbounded(manager), ...cutShort(manager)]),
}

function unbounded({ stages }: Manager) {
  return stages
    .map(({ config }) => config.at('grpc_service', 'timeout'))
    .filter((timeout) => !isBounded(timeout, LONGEST_SECONDS))
    .map((timeout) =>
      finding(timeout, {
        risk: 'Unset it is 0.2 s, less than authz waits for its store; 0s is for ever: hung requests pile up.',
        fix: `Set it above authz's own deadline (0.5s), at most ${LONGEST_SECONDS}s.`,
      }),
    )
}

/** A pause that is cut as idle while authz thinks is 504, which says nothing of the cause. */
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
        risk: 'The stream counts as idle while authz is asked, and is cut before its answer.',
        fix: `Set it well above ${asked}s, what the stages may take together.`,
      }),
    )
}
