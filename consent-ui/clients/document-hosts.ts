import { isAllowed, type AllowedHosts } from '../../core/clients/allowed-hosts.ts'

/**
 * Whose documents are fetched beside those of the hosts in `CONNECT_ALLOWED_HOSTS`: `host` or `host:port` in lower case
 * for all of a host, or the URL of one document.
 */
export type ClientHosts = ReadonlySet<string>

/** Whether a document may be fetched: its host is allowed for answers, or is named for documents. */
export function isDocumentHost(url: URL, allowed: AllowedHosts, named: ClientHosts): boolean {
  if (url.protocol !== 'https:') return false
  // A dot at its end would be a second spelling of the host.
  return (
    named.has(url.host) || named.has(url.href) || (!url.hostname.endsWith('.') && isAllowed(url, allowed))
  )
}

/** Why keys must not be fetched from an address that a registration names; undefined where they may. */
export function jwksUriFault(text: string, allowed: AllowedHosts): string | undefined {
  const url = URL.parse(text)
  if (url === null || documentUrlFault(text) !== undefined) return 'must be an https URL'
  return isDocumentHost(url, allowed, new Set())
    ? undefined
    : 'leads to a host that the operator of this server does not allow (CONNECT_ALLOWED_HOSTS)'
}

/** Why a URL cannot be one of a document: it has one spelling alone, and a path (CIMD draft section 3). */
export function documentUrlFault(text: string): string | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:') return 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must have no user name or password'
  if (text.includes('#')) return 'must have no fragment'
  if (url.pathname === '/') return 'must have a path'
  // Dot segments, an upper-case host, a default port and odd characters would be another spelling.
  return url.href === text ? undefined : 'must be written in its normal form'
}
