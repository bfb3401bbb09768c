import { finding } from '../../finding.ts'
import type { Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'
import { hasHeader } from '../../config/route-match.ts'

export const rule: Rule = {
  holds: 'a route that tells authz that it only reads takes GET and HEAD, and no body whose length is told',
  check: ({ managers }) =>
    managers
      .flatMap(({ routes }) => routes)
      .filter(({ stages }) => stages.some(({ context }) => context.has('reads')))
      .filter((route) => !onlyReads(route))
      .map(({ node }) =>
        finding(node.at('match'), {
          risk: 'A session that may only read sends a request that changes something, and authz takes it for reading.',
          fix: 'Match :method by the expression GET|HEAD, and content-length as absent.',
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
