import { isAllowed, type AllowedHosts } from '../../core/clients/allowed-hosts.ts'

/** `CONNECT_CLIENT_HOSTS`: each entry is `host` or `host:port` in lower case, or the URL of one document. */
export type ClientHosts = ReadonlySet<string>

/** True if `CONNECT_CLIENT_HOSTS` or `CONNECT_ALLOWED_HOSTS` allow fetching a document from the URL. */
export function isDocumentHost(url: URL, allowed: AllowedHosts, named: ClientHosts): boolean {
  if (url.protocol !== 'https:') return false
  // A trailing dot would be a second spelling of the host.
  return (
    named.has(url.host) || named.has(url.href) || (!url.hostname.endsWith('.') && isAllowed(url, allowed))
  )
}

/** Why keys must not be fetched from a registered `jwks_uri`; undefined if they may. */
export function jwksUriFault(text: string, allowed: AllowedHosts): string | undefined {
  const url = URL.parse(text)
  if (url === null || documentUrlFault(text) !== undefined) return 'must be an https URL'
  return isDocumentHost(url, allowed, new Set())
    ? undefined
    : 'is at a host that the operator of this server does not allow (CONNECT_ALLOWED_HOSTS)'
}

/** Why a URL cannot be a document's: it needs a path and only one spelling (CIMD draft section 3). */
export function documentUrlFault(text: string): string | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:') return 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must have no user name or password'
  if (text.includes('#')) return 'must have no fragment'
  if (url.pathname === '/') return 'must have a path'
  // Dot segments, upper-case hosts, default ports and unescaped characters are other spellings.
  return url.href === text ? undefined : 'must be written in its normal form'
}
