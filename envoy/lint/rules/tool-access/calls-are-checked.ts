import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'authz checks calls in tool_access, and filters lists by the same policy',
  check: ({ managers, ...parsed }) =>
    managers
      .filter(({ routes }) => routes.some(({ needsAuthz }) => needsAuthz))
      .flatMap(({ node, stages }) => {
        const filters = node.at('http_filters')
        const isListed = listFiltersOf({ ...parsed, managers, root: filters }).length > 0
        return [
          ...(stages.length > 1
            ? []
            : [
                finding(filters, {
                  risk: 'authz sees no body: a session that may only read can call any tool.',
                  fix: 'Add the tool_access stage (ext_authz with_request_body) after authenticate.',
                }),
              ]),
          ...(isListed
            ? []
            : [
                finding(filters, {
                  risk: 'A session that may only read gets lists of tools and resources that it may not use.',
                  fix: 'Add the list filter (ext_proc in a Composite filter) before the router.',
                }),
              ]),
        ]
      }),
}
