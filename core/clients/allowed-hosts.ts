import { isLoopback } from '../config/settings.ts'
import { withoutTrailingDots } from '../network/host-name.ts'

/** One entry of `CONNECT_ALLOWED_HOSTS`, in lower case. */
type Entry =
  /** A leading dot means every subdomain, not the domain itself. */
  | { readonly kind: 'host'; readonly host: string; readonly port: Port }
  | { readonly kind: 'scheme'; readonly scheme: string }
  | { readonly kind: 'loopback' }
  /** One URL, never of the operator's list: a page of this server. */
  | { readonly kind: 'page'; readonly href: string }

/** As `URL.port` of an https URL: empty for 443; undefined if the entry names no port. */
type Port = string | undefined

export type AllowedHosts = readonly Entry[]

const LOOPBACK_NAMES = ['localhost', '127.0.0.1']

/** Schemes of the network and of browsers, which no application can own. */
const NEVER_A_CUSTOM_SCHEME = new Set([
  ...['http:', 'https:', 'ws:', 'wss:', 'ftp:'],
  ...[
    'about:',
    'blob:',
    'data:',
    'file:',
    'filesystem:',
    'javascript:',
    'vbscript:',
    'view-source:',
    'mailto:',
  ],
])

/**
 * Parses `claude.ai` (https), `.benchling.com` (subdomains, not the apex), both with an optional port; `cursor://`;
 * `localhost` or `127.0.0.1` (each means both, http, any port). Entries with a network scheme are ignored.
 */
export function parseAllowedHosts(text: string): AllowedHosts {
  return text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .flatMap((entry) => parseEntry(entry) ?? [])
}

/** True if a list that allows has the URL. An entry without a port means port 443. */
export function isAllowed(url: URL, allowed: AllowedHosts): boolean {
  return allowed.some((entry) => matches(url, entry, (port = '') => url.port === port))
}

/** True if a list that blocks has the URL. An entry without a port means every port, or a client could evade it. */
export function isListed(url: URL, entries: AllowedHosts): boolean {
  return entries.some((entry) => matches(url, entry, (port = url.port) => url.port === port))
}

/** True if some URL is of both lists. */
export function overlap(one: AllowedHosts, other: AllowedHosts): boolean {
  return one.some((entry) => other.some((second) => isWithin(entry, second) || isWithin(second, entry)))
}

/** True if a list has every URL of another. Ports are ignored, as in {@link isListed}. */
export function covers(entries: AllowedHosts, covered: AllowedHosts): boolean {
  return covered.every((one) => entries.some((entry) => isWithin(one, entry)))
}

function isWithin(one: Entry, other: Entry): boolean {
  if (one.kind === 'host' && other.kind === 'host') {
    return one.host === other.host || (other.host.startsWith('.') && one.host.endsWith(other.host))
  }
  if (one.kind === 'scheme' && other.kind === 'scheme') return one.scheme === other.scheme
  return one.kind === 'loopback' && other.kind === 'loopback'
}

function matches(url: URL, entry: Entry, isPort: (named: Port) => boolean): boolean {
  const host = withoutTrailingDots(url.hostname)
  switch (entry.kind) {
    case 'host':
      return url.protocol === 'https:' && isAt(host, entry.host) && isPort(entry.port)
    case 'scheme':
      return url.protocol === entry.scheme
    case 'loopback':
      return url.protocol === 'http:' && LOOPBACK_NAMES.includes(host)
    case 'page':
      return url.href === entry.href
  }
}

function isAt(host: string, named: string): boolean {
  return named.startsWith('.') ? host.endsWith(named) && host.length > named.length : host === named
}

/** True if the URI can only reach the user's own computer. */
export function staysOnThisComputer(url: URL): boolean {
  return url.protocol === 'http:' && isLoopback(withoutTrailingDots(url.hostname))
}

function parseEntry(entry: string): Entry | undefined {
  const [, scheme] = /^([a-z][a-z0-9+.-]*:)\/\/$/.exec(entry) ?? []
  if (scheme === undefined) return parseHost(entry)
  return NEVER_A_CUSTOM_SCHEME.has(scheme) ? undefined : { kind: 'scheme', scheme }
}

function parseHost(entry: string): Entry | undefined {
  const [, name = '', digits] = /^([^:]*)(?::(\d{1,5}))?$/.exec(entry) ?? []
  const host = withoutTrailingDots(name)
  // A port is ignored: clients choose one for each connection (RFC 8252 section 7.3).
  if (LOOPBACK_NAMES.includes(host)) return { kind: 'loopback' }
  const port = digits === undefined ? undefined : URL.parse(`https://host:${digits}`)?.port
  const isPort = digits === undefined || port !== undefined
  return isPort && /^\.?[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(host) ? { kind: 'host', host, port } : undefined
}
