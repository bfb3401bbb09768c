import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../list-filters.ts'
import type { Rule } from '../../rule.ts'

export const callsAreChecked: Rule = {
  name: 'calls-are-checked',
  holds: 'a second question is asked about calls, and lists are filtered by the same policy',
  check: ({ managers, ...edge }) =>
    managers
      .filter(({ routes }) => routes.some(({ needsAuthz }) => needsAuthz))
      .flatMap(({ spot, stages }) => {
        const filters = spot.at('http_filters')
        const isListed = listFiltersOf({ ...edge, managers, root: filters }).length > 0
        return [
          ...(stages.length > 1
            ? []
            : [
                finding(filters, {
                  risk: 'authz never sees a body: a session that may only read calls any tool.',
                  fix: 'Put the tool_access stage (ext_authz with_request_body) after authenticate.',
                }),
              ]),
          ...(isListed
            ? []
            : [
                finding(filters, {
                  risk: 'A session that may only read is shown tools and resources that it may not use.',
                  fix: 'Put the list filter (ext_proc in a Composite filter) before the router.',
                }),
              ]),
        ]
      }),
}
