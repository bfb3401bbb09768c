import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { CONSENT_UI, type Route } from '../../config/route.ts'

export const rule: Rule = {
  holds: 'a route with a stage of authz switched off leads to consent-ui, or Envoy answers by itself',
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
            ? `Whoever knows the path of route ${name} reaches its cluster without ${stage.name}.`
            : `The linter cannot tell whether ${stage.name} is on for route ${name}.`,
        fix: `Only routes to ${CONSENT_UI} or with a direct_response may have ExtAuthzPerRoute { disabled: true }; others have check_settings.`,
      }),
    )
}

/** A stage that is on refuses what another left alone. */
function half({ stages, needsAuthz, name, node }: Route) {
  const states = new Set(stages.map(({ state }) => state))
  if (needsAuthz || states.has('unclear') || states.size < 2) return []
  return [
    finding(node.at('typed_per_filter_config'), {
      risk: `On route ${name} one stage is off and another refuses, as it knows no session: nobody passes.`,
      fix: 'Switch off every stage, by the name of each.',
    }),
  ]
}
