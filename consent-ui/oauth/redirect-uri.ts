import { isAllowed, type AllowedHosts } from '../../core/clients/allowed-hosts.ts'

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Why answers must not be sent to a redirect URI; undefined where they may. It has to be absolute, without fragment,
 * user name or odd characters (RFC 6749 section 3.1.2, RFC 9700 section 2.1), and allowed by the operator.
 */
export function redirectUriFault(text: string, allowed: AllowedHosts): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'is not an absolute URI'
  return (
    syntaxFault(text) ??
    (isAllowed(url, allowed)
      ? undefined
      : 'leads to a host or scheme that the operator of this server does not allow (CONNECT_ALLOWED_HOSTS)')
  )
}

/** Whether the redirect URI of a request is one that the client registered. */
export function isRegistered(requested: string, registered: readonly string[]): boolean {
  return registered.some((uri) => uri === requested || differsInLoopbackPortOnly(uri, requested))
}

function syntaxFault(text: string): string | undefined {
  if (/[^\x21-\x7e]|[\\^`{|}<>"]/.test(text)) return 'holds a character that no URI may hold'
  if (text.includes('#')) return 'must not have a fragment'
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'must have the form scheme://host/path'
  if (/^[^/]*\/\/[^/?]*@/.test(text)) return 'must not have a user name or password'
  if (/^[^/]*\/\/[^/?]*\*/.test(text)) return 'must not have a wildcard for a host'
  // Some parsers decode a host and some do not.
  if (/^[^/]*\/\/[^/?]*%/.test(text)) return 'has percent signs in its host, which this server does not allow'
  return undefined
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
