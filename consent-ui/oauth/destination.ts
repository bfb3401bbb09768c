import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'
import { isRelayPage } from './relay-page.ts'

/** The host of a redirect URI, or its custom scheme and what follows. */
export function placeOf(redirectUri: URL): string {
  if (redirectUri.protocol === 'https:') return redirectUri.host
  return staysOnThisComputer(redirectUri)
    ? redirectUri.hostname
    : `${redirectUri.protocol}//${redirectUri.host}`
}

/** The same with a hint for the user at this computer. */
export function destinationOf(redirectUri: URL): string {
  const place = placeOf(redirectUri)
  if (isRelayPage(redirectUri.hostname)) return `${place}, which opens an application on this computer`
  return staysOnThisComputer(redirectUri) ? `an application on this computer (${place})` : place
}
