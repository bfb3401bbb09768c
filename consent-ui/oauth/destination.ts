import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'

/** The host of a redirect URI, or its custom scheme and what follows. */
export function placeOf(redirectUri: URL): string {
  if (redirectUri.protocol === 'https:') return redirectUri.host
  return staysOnThisComputer(redirectUri)
    ? redirectUri.hostname
    : `${redirectUri.protocol}//${redirectUri.host}`
}
