import { isLoopback } from '../settings.ts'

/** One entry of `CONNECT_ALLOWED_HOSTS` (Quilt's documented grammar), compared in lower case. */
type Entry =
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'subdomains'; readonly suffix: string }
  | { readonly kind: 'scheme'; readonly scheme: string }
  | { readonly kind: 'loopback' }

export type AllowedHosts = readonly Entry[]

/** Schemes that are never an application's own: the network's, and those that a browser runs or reads. */
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
 * Reads the comma-separated list: `claude.ai` (that host, https), `.benchling.com` (any subdomain, not the
 * apex), `cursor://` (a scheme), `localhost` or `127.0.0.1` (either means both, http, any port). Entries that
 * name a network scheme mean nothing, as documented.
 */
export function parseAllowedHosts(text: string): AllowedHosts {
  return text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .flatMap((entry) => parseEntry(entry) ?? [])
}

/** Whether a client's redirect URI may be registered and answered to. */
export function isAllowed(url: URL, allowed: AllowedHosts): boolean {
  const host = withoutTrailingDots(url.hostname)
  return allowed.some((entry) => {
    switch (entry.kind) {
      case 'host':
        return url.protocol === 'https:' && host === entry.host
      case 'subdomains':
        return url.protocol === 'https:' && host.endsWith(entry.suffix) && host.length > entry.suffix.length
      case 'scheme':
        return url.protocol === entry.scheme
      case 'loopback':
        return url.protocol === 'http:' && (host === 'localhost' || host === '127.0.0.1')
    }
  })
}

/** Whether the URI can only ever reach the person's own computer. */
export function staysOnThisComputer(url: URL): boolean {
  return url.protocol === 'http:' && isLoopback(withoutTrailingDots(url.hostname))
}

function parseEntry(entry: string): Entry | undefined {
  const [, scheme] = /^([a-z][a-z0-9+.-]*:)\/\/$/.exec(entry) ?? []
  if (scheme !== undefined) return NEVER_A_CUSTOM_SCHEME.has(scheme) ? undefined : { kind: 'scheme', scheme }
  const host = withoutTrailingDots(entry)
  if (host === 'localhost' || host === '127.0.0.1') return { kind: 'loopback' }
  if (!/^\.?[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(host)) return undefined
  return host.startsWith('.') ? { kind: 'subdomains', suffix: host } : { kind: 'host', host }
}

function withoutTrailingDots(host: string): string {
  return host.replace(/\.+$/, '')
}
