import { isLoopback } from '../../core/config/settings.ts'
import { withoutTrailingDots } from '../../core/network/host-name.ts'
import type { KnownBy } from '../clients/client.ts'
import { isRelayPage } from '../oauth/relay-page.ts'

/** True if the redirect URI is a website. On the user's computer any program can take a port or claim a scheme. */
export function leadsToWebsite(redirectUri: string): boolean {
  const url = new URL(redirectUri)
  const isHere = isLoopback(withoutTrailingDots(url.hostname)) || isRelayPage(url.hostname)
  return url.protocol === 'https:' && !isHere
}

interface Request {
  readonly redirectUri: string
  readonly knownBy: KnownBy
  readonly wantsConsent: boolean
  /** The `Origin` or `Referer` header; empty without one. */
  readonly sentFrom: string
}

/**
 * True if an earlier consent may skip the consent page. The client must be vouched for, and its own website must have
 * sent the browser: otherwise an attacker could start a connection and send its link to a user who consented before. A
 * client that does not check `state` (RFC 9700 section 4.7) would give the attacker that user's account. PKCE does not
 * prevent this. Web pages cannot forge these headers.
 */
export function maySkipConsent({ redirectUri, knownBy, wantsConsent, sentFrom }: Request): boolean {
  if (wantsConsent || knownBy === 'registration' || !leadsToWebsite(redirectUri)) return false
  return URL.parse(sentFrom)?.origin === new URL(redirectUri).origin
}
