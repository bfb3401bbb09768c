import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** By these a service could set a cookie of the consent pages, or delete them: both share one host. */
const COOKIES = ['set-cookie', 'clear-site-data']
/** By these it could name an inner address, or make a client throw its tokens away. */
const TELLING = ['www-authenticate', 'content-location', 'refresh', 'link']
const NEVER = [...COOKIES, ...TELLING]

export const rule: Rule = {
  holds:
    'a service sets and clears no cookie of the Connect host, names no inner address, asks for no credential',
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
          risk: 'A service signs the user in as another user at the consent pages, shows inner addresses, or makes clients throw their tokens away.',
          fix: `Set response_headers_to_remove: [${NEVER.join(', ')}] on the route.`,
        }),
      ),
}
