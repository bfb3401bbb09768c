import { OAuthError } from './errors.ts'
import { isAllowed, type AllowedHosts } from './allowed-hosts.ts'

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Reads a redirect URI that a client wants to register: absolute, without fragment, user name or control
 * characters (RFC 6749 section 3.1.2, RFC 9700 section 2.1).
 *
 * @throws OAuthError `invalid_redirect_uri`, naming the URI
 */
export function parseRedirectUri(text: string): URL {
  const url = URL.parse(text)
  const problem = url === null ? 'is not an absolute URI' : problemOf(text, url)
  if (url === null || problem !== undefined) {
    throw new OAuthError(
      'invalid_redirect_uri',
      `redirect URI ${JSON.stringify(text.slice(0, 200))} ${problem ?? ''}`,
    )
  }
  return url
}

/** Whether the redirect URI of a request is one that the client registered. */
export function isRegistered(requested: string, registered: readonly string[]): boolean {
  return registered.some((uri) => uri === requested || differsInLoopbackPortOnly(uri, requested))
}

/** Leaves those whose host or scheme the operator allows. */
export function allowedOnly(uris: readonly string[], allowed: AllowedHosts): string[] {
  return uris.filter((uri) => isAllowed(parseRedirectUri(uri), allowed))
}

function problemOf(text: string, url: URL): string | undefined {
  if (/[^\x21-\x7e]|[\\^`{|}<>"]/.test(text)) return 'holds a character that no URI may hold'
  if (text.includes('#')) return 'must not have a fragment'
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password'
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'must have the form scheme://host/path'
  return undefined
}

/** RFC 8252 section 7.3 relaxes the port alone, and `localhost` is used in practice as the addresses are. */
function differsInLoopbackPortOnly(registered: string, requested: string): boolean {
  const [one, other] = [URL.parse(registered), URL.parse(requested)]
  if (one === null || other === null || problemOf(requested, other) !== undefined) return false
  if (one.protocol !== 'http:' || !LOOPBACK_HOSTS.has(one.hostname)) return false
  one.port = other.port
  return one.href === other.href && withoutPort(registered) === withoutPort(requested)
}

/** Compares what was written, not what a URL parser made of it: `/a/../b` is not `/b`. */
function withoutPort(uri: string): string {
  return uri.replace(/^(http:\/\/(?:\[[^\]]*\]|[^/:?#]*))(?::\d*)?/i, '$1')
}
