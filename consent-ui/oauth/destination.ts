import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'
import { isRelayPage } from './relay-page.ts'

/** Where an answer goes: a host, or a scheme with what follows it. */
export function placeOf(redirectUri: URL): string {
  if (redirectUri.protocol === 'https:') return redirectUri.host
  return staysOnThisComputer(redirectUri)
    ? redirectUri.hostname
    : `${redirectUri.protocol}//${redirectUri.host}`
}

/** The same, for who is at the computer that it may be. */
export function destinationOf(redirectUri: URL): string {
  const place = placeOf(redirectUri)
  if (isRelayPage(redirectUri.hostname)) return `${place}, which opens an application on this computer`
  return staysOnThisComputer(redirectUri) ? `an application on this computer (${place})` : place
}
