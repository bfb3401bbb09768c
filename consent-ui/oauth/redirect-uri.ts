import { isAllowed, staysOnThisComputer, type AllowedHosts } from '../../core/clients/allowed-hosts.ts'

/** Longer than any in use; a URL parser is slow for a long host. */
export const MAX_REDIRECT_URI_CHARACTERS = 2048

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Says why a redirect URI is not allowed (RFC 6749 section 3.1.2, RFC 9700 section 2.1); undefined if it is. */
export function redirectUriFault(text: string, allowed: AllowedHosts): string | undefined {
  if (text.length > MAX_REDIRECT_URI_CHARACTERS) {
    return `must have at most ${MAX_REDIRECT_URI_CHARACTERS} characters`
  }
  const url = URL.parse(text)
  if (url === null) return 'is not an absolute URI'
  return (
    syntaxFault(text) ??
    (isAllowed(url, allowed)
      ? undefined
      : 'leads to a host or scheme that the operator of this server does not allow (CONNECT_ALLOWED_HOSTS)')
  )
}

/** The named or the only registered one (RFC 6749 section 3.1.2.3). A loopback URI must be named: its port changes. */
export function requestedRedirectUri(
  named: string | undefined,
  registered: readonly string[],
): string | undefined {
  if (named !== undefined) return isRegistered(named, registered) ? named : undefined
  const [only = '', ...others] = registered
  const url = URL.parse(only)
  return url === null || others.length > 0 || staysOnThisComputer(url) ? undefined : only
}

/** True if the client registered the requested redirect URI. */
export function isRegistered(requested: string, registered: readonly string[]): boolean {
  if (requested.length > MAX_REDIRECT_URI_CHARACTERS) return false
  return registered.some((uri) => uri === requested || differsInLoopbackPortOnly(uri, requested))
}

const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/[^\x21-\x7e]|[\\^`{|}<>"]/, 'holds a character that no URI may hold'],
  [/#/, 'must not have a fragment'],
  [/^(?![a-z][a-z0-9+.-]*:\/\/[^/?])/i, 'must have the form scheme://host/path'],
  [/^[^/]*\/\/[^/?]*@/, 'must not have a user name or password'],
  [/\*/, 'must not have a wildcard'],
  // Some parsers decode a host and some do not.
  [/^[^/]*\/\/[^/?]*%/, 'has percent signs in its host, which this server does not allow'],
]

function syntaxFault(text: string): string | undefined {
  const [, fault] = FAULTS.find(([pattern]) => pattern.test(text)) ?? []
  return fault ?? (isNormal(text) ? undefined : 'must be written in its normal form')
}

/** True if a URL parser changes only case, empty path or default port. Otherwise two parsers could disagree. */
function isNormal(text: string): boolean {
  const [, origin = '', rest = ''] = /^([^/]*\/\/[^/?]*)(.*)$/.exec(text) ?? []
  const lower = origin.toLowerCase()
  const withoutDefaultPort = lower.replace(/^(https:.*):443$|^(http:.*):80$/, '$1$2')
  const parsed = URL.parse(lower + rest)?.href
  return parsed === withoutDefaultPort + rest || parsed === `${withoutDefaultPort}/${rest}`
}

/** RFC 8252 section 7.3 relaxes only the port; clients use `localhost` like the addresses. */
function differsInLoopbackPortOnly(registered: string, requested: string): boolean {
  const [one, other] = [URL.parse(registered), URL.parse(requested)]
  if (one === null || other === null || syntaxFault(requested) !== undefined) return false
  if (one.protocol !== 'http:' || !LOOPBACK_HOSTS.has(one.hostname)) return false
  one.port = other.port
  return one.href === other.href && withoutPort(registered) === withoutPort(requested)
}

/** Compares the text, not the parsed URL: `/a/../b` is not `/b`. */
function withoutPort(uri: string): string {
  return uri.replace(/^(http:\/\/(?:\[[^\]]*\]|[^/:?#]*))(?::\d*)?/i, '$1')
}
