import { finding, unlessOneOf } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import { laterStagesOf, stagesOf } from '../../config/stages.ts'
import { AUTHZ_NAMESPACE } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'a later stage and the list filter get the session that authenticate found',
  check: (parsed) => [
    ...[
      ...laterStagesOf(parsed).map(({ config }) => config.at('metadata_context_namespaces')),
      ...listFiltersOf(parsed).map((filter) =>
        filter.at('metadata_options', 'forwarding_namespaces', 'untyped'),
      ),
    ]
      .filter((names) => !names.items().some(({ text }) => text === AUTHZ_NAMESPACE))
      .map((names) =>
        finding(names, {
          risk: 'authz does not know the session whose call it judges.',
          fix: `Add ${AUTHZ_NAMESPACE}: Envoy uses this name for every ext_authz filter.`,
        }),
      ),
    ...unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('enable_dynamic_metadata_ingestion')),
      [undefined, true],
      {
        risk: 'The next stage and the log do not get the session.',
        fix: 'Remove enable_dynamic_metadata_ingestion.',
      },
    ),
  ],
}
