import { isAllowed, staysOnThisComputer, type AllowedHosts } from '../../core/clients/allowed-hosts.ts'

/** Longer than any in use; a URL parser takes more than its share of time for a long host. */
export const MAX_REDIRECT_URI_CHARACTERS = 2048

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Why answers must not be sent to a redirect URI; undefined where they may. It has to be absolute, without fragment,
 * user name or odd characters (RFC 6749 section 3.1.2, RFC 9700 section 2.1), and allowed by the operator.
 */
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

/**
 * Where a request wants its answer: at the redirect URI that it names, or at the only one that is registered (RFC 6749
 * section 3.1.2.3). One on loopback has to be named, since its port is chosen anew for each request.
 */
export function requestedRedirectUri(
  named: string | undefined,
  registered: readonly string[],
): string | undefined {
  if (named !== undefined) return isRegistered(named, registered) ? named : undefined
  const [only = '', ...others] = registered
  const url = URL.parse(only)
  return url === null || others.length > 0 || staysOnThisComputer(url) ? undefined : only
}

/** Whether the redirect URI of a request is one that the client registered. */
export function isRegistered(requested: string, registered: readonly string[]): boolean {
  if (requested.length > MAX_REDIRECT_URI_CHARACTERS) return false
  return registered.some((uri) => uri === requested || differsInLoopbackPortOnly(uri, requested))
}

/** What a redirect URI must not be, in this order. */
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

/**
 * Whether a URL parser leaves a URI as it is, but for the case of scheme and host, a slash for an empty path, and a
 * default port. If it changed more, the browser could go elsewhere than another parser would.
 */
function isNormal(text: string): boolean {
  const [, origin = '', rest = ''] = /^([^/]*\/\/[^/?]*)(.*)$/.exec(text) ?? []
  const lower = origin.toLowerCase()
  const withoutDefaultPort = lower.replace(/^(https:.*):443$|^(http:.*):80$/, '$1$2')
  const parsed = URL.parse(lower + rest)?.href
  return parsed === withoutDefaultPort + rest || parsed === `${withoutDefaultPort}/${rest}`
}

/** RFC 8252 section 7.3 relaxes the port alone, and `localhost` is used in practice as the addresses are. */
function differsInLoopbackPortOnly(registered: string, requested: string): boolean {
  const [one, other] = [URL.parse(registered), URL.parse(requested)]
  if (one === null || other === null || syntaxFault(requested) !== undefined) return false
  if (one.protocol !== 'http:' || !LOOPBACK_HOSTS.has(one.hostname)) return false
  one.port = other.port
  return one.href === other.href && withoutPort(registered) === withoutPort(requested)
}

/** Compares what was written, not what a URL parser made of it: `/a/../b` is not `/b`. */
function withoutPort(uri: string): string {
  return uri.replace(/^(http:\/\/(?:\[[^\]]*\]|[^/:?#]*))(?::\d*)?/i, '$1')
}
