import { isLoopback } from '../../core/config/settings.ts'
import { withoutTrailingDots } from '../../core/network/host-name.ts'
import type { KnownBy } from '../clients/client.ts'
import { isRelayPage } from '../oauth/relay-page.ts'

/**
 * Whether answers go to a website, which alone can be known again. On the person's own computer any program can listen
 * on a port or claim a scheme, in the name of any application: nothing is remembered of it, its person is asked each
 * time, and the page says nothing that would lend it trust.
 */
export function leadsToWebsite(redirectUri: string): boolean {
  const url = new URL(redirectUri)
  const isHere = isLoopback(withoutTrailingDots(url.hostname)) || isRelayPage(url.hostname)
  return url.protocol === 'https:' && !isHere
}

interface Request {
  readonly redirectUri: string
  readonly knownBy: KnownBy
  /** The client wants the person to be asked (`prompt=consent`). */
  readonly wantsConsent: boolean
  /** What the browser says of where it was sent from: its `Origin` or `Referer` header, or nothing. */
  readonly sentFrom: string
}

/**
 * Whether an earlier answer to the same request may stand in for a new one. Never for a client that nobody vouches
 * for; and only where the client's own website sent the browser. PKCE does not tell whose browser it is: anybody can
 * begin a connection at the client, and send its link to somebody who has answered before. A client that keeps no
 * watch over its `state` (RFC 9700 section 4.7) would then give the sender the account of who opens the link; a
 * person who is asked would see it. Browsers let nobody forge these headers, so who hides them only brings the
 * question back.
 */
export function mayBeUnasked({ redirectUri, knownBy, wantsConsent, sentFrom }: Request): boolean {
  if (wantsConsent || knownBy === 'registration' || !leadsToWebsite(redirectUri)) return false
  return URL.parse(sentFrom)?.origin === new URL(redirectUri).origin
}
