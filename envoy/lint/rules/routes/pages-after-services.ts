import { finding } from '../../finding.ts'
import { hasHeader } from '../../config/route-match.ts'
import { CONSENT_UI, type Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'

const BROWSER_ONLY = [
  [':method', { string_match: { exact: 'GET' } }],
  ['accept', { string_match: { prefix: 'text/html' } }],
  ['authorization', { present_match: false }],
] as const

export const rule: Rule = {
  holds: 'a route that leads every path to consent-ui comes after the services and takes only browsers',
  check: ({ managers }) =>
    managers.flatMap(({ routes }) =>
      routes.filter(takesEveryPath).flatMap((route) => {
        const later = routes.slice(routes.indexOf(route) + 1)
        const isLast = !later.some(({ host, needsAuthz }) => needsAuthz && host === route.host)
        return isLast && isForBrowsers(route) ? [] : [misplaced(route)]
      }),
    ),
}

function takesEveryPath({ destination, node }: Route): boolean {
  const isPage = destination.kind === 'cluster' && destination.cluster === CONSENT_UI
  return isPage && node.at('match', 'prefix').value === '/'
}

function isForBrowsers({ node }: Route): boolean {
  const headers = node.at('match', 'headers')
  return BROWSER_ONLY.every(([name, condition]) => hasHeader(headers, name, condition))
}

function misplaced({ name, node }: Route) {
  return finding(node.at('match'), {
    risk: `Route ${name} takes requests away from services or from authz, and sends them to consent-ui.`,
    fix: 'Put it after the services, and match :method GET, accept with the prefix text/html, and no authorization.',
  })
}
