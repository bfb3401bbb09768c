import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Services and consent pages share a host, so a service could set or delete the cookies of the pages. */
const COOKIES = ['set-cookie', 'clear-site-data']
/** Headers that show an internal address, or make a client discard its tokens. */
const REVEALING = ['www-authenticate', 'content-location', 'refresh', 'link']
const NEVER = [...COOKIES, ...REVEALING]

export const rule: Rule = {
  holds:
    'a service sets no cookie of the Connect host, shows no internal address, and asks for no credential',
  check: ({ managers }) =>
    managers
      .flatMap(({ routes }) => routes)
      .filter(({ needsAuthz }) => needsAuthz)
      .map(({ node }) => node.at('response_headers_to_remove'))
      .filter((removed) => {
        const names = removed.items().map(({ text }) => text?.toLowerCase())
        return NEVER.some((name) => !names.includes(name))
      })
      .map((removed) =>
        finding(removed, {
          risk: 'A service can sign the user in as another user at the consent pages, show internal addresses, or make clients discard their tokens.',
          fix: `Set response_headers_to_remove: [${NEVER.join(', ')}] on the route.`,
        }),
      ),
}
