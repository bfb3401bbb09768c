import { finding, unlessOneOf } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import { laterStagesOf, stagesOf } from '../../config/stages.ts'
import { AUTHZ_NAMESPACE } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'a later stage and the list filter are told which session the first stage found',
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
          risk: 'authz cannot tell whose call it judges.',
          fix: `Hand ${AUTHZ_NAMESPACE} on; Envoy uses that name whatever the filter is named.`,
        }),
      ),
    ...unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('enable_dynamic_metadata_ingestion')),
      [undefined, true],
      {
        risk: 'What authz says of the session is lost on the way to the next stage and the log.',
        fix: 'Take it out.',
      },
    ),
  ],
}
