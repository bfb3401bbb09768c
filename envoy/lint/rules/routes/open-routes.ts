import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { CONSENT_UI, type Route } from '../../config/route.ts'

export const rule: Rule = {
  holds: 'a route with a stage switched off leads to consent-ui, or Envoy answers itself',
  check: ({ managers }) =>
    managers.flatMap(({ routes }) => routes.flatMap((route) => [...opened(route), ...half(route)])),
}

function opened({ stages, needsAuthz, name, node }: Route) {
  return stages
    .filter(({ state }) => (needsAuthz ? state !== 'on' : state === 'unclear'))
    .map(({ stage, state }) =>
      finding(node.at('typed_per_filter_config', stage.name), {
        risk:
          state === 'off'
            ? `Requests on route ${name} reach its cluster without ${stage.name}.`
            : `The linter cannot read whether ${stage.name} is on for route ${name}.`,
        fix: `Set check_settings; only routes to ${CONSENT_UI} or with a direct_response may have ExtAuthzPerRoute { disabled: true }.`,
      }),
    )
}

/** A later stage refuses every request that authenticate did not check. */
function half({ stages, needsAuthz, name, node }: Route) {
  const states = new Set(stages.map(({ state }) => state))
  if (needsAuthz || states.has('unclear') || states.size < 2) return []
  return [
    finding(node.at('typed_per_filter_config'), {
      risk: `On route ${name} one stage is off, and the other refuses every request because it has no session.`,
      fix: 'Set disabled: true for every stage, by its name.',
    }),
  ]
}
