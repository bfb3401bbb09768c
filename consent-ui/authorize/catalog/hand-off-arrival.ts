import type { Context } from 'koa'

/** From where a browser opened a hand-off; `unknown` if it does not say. */
type Arrival = 'catalog' | 'elsewhere' | 'unknown'

/**
 * Reads from where the hand-off was opened. Only the catalog's page opens one for its own user; a link in a message may
 * be of a colleague who wants the recipient to work in their account. Browsers and proxies may leave the Referer out.
 */
export function arrivalOf(ctx: Context, catalog: string): Arrival {
  const referrer = ctx.get('Referer')
  if (referrer !== '') return URL.parse(referrer)?.origin === catalog ? 'catalog' : 'elsewhere'
  // Typed, or opened by another program, such as a mail client (Fetch Metadata section 2.3).
  return ctx.get('Sec-Fetch-Site') === 'none' ? 'elsewhere' : 'unknown'
}
