import { finding } from '../../finding.ts'
import type { Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'
import { hasHeader } from '../../config/route-match.ts'

export const rule: Rule = {
  holds: 'a route with the context reads matches only GET and HEAD, and no request with a content-length',
  check: ({ managers }) =>
    managers
      .flatMap(({ routes }) => routes)
      .filter(({ stages }) => stages.some(({ context }) => context.has('reads')))
      .filter((route) => !onlyReads(route))
      .map(({ node }) =>
        finding(node.at('match'), {
          risk: 'A session that may only read can send a request that writes, and authz takes it for a read.',
          fix: 'Match :method by the expression GET|HEAD, and content-length by present_match: false.',
        }),
      ),
}

function onlyReads({ node }: Route): boolean {
  const headers = node.at('match', 'headers')
  return (
    hasHeader(headers, ':method', { string_match: { safe_regex: { regex: 'GET|HEAD' } } }) &&
    hasHeader(headers, 'content-length', { present_match: false })
  )
}
