import type { Service } from '../../core/services/service.ts'

/** Browsers read a backslash as a slash, and drop tabs: `/<tab>/host` leads to that host (WHATWG URL section 4.4). */
const PLAIN = String.raw`[^\\\x00-\x1f]*`
/** The rest of a Location after an origin or the upstream's path. */
const REST = `(?:[/?#]${PLAIN})?`
/** A path from the root, when the upstream has no path of its own. */
const ROOTED = `/${PLAIN}`
/** A reference without scheme, host and leading slash (RFC 3986 section 4.2): it stays below the path it is read at. */
const RELATIVE = String.raw`[^/\\:?#\x00-\x1f]+${REST}|[?#]${PLAIN}`

/** Regular expressions for the Location of an HTTP service. Envoy removes the Location of an MCP service. */
export function locationPatterns(
  service: Service,
): readonly (readonly [placeholder: string, pattern: string])[] {
  if (service.kind === 'mcp') return []
  const { hostname, pathname } = service.upstream.url
  const folder = literally(pathname.replace(/\/$/, ''))
  const absolute = `https?://${literally(hostname)}(?::[0-9]+)?${folder}`
  const rooted = folder === '' ? ROOTED : REST
  const listed = service.redirects.map((origin) => `${literally(origin)}${REST}`)
  return [
    // One of the two groups is empty.
    ['UPSTREAM_LOCATION', `^(?:${absolute}(${REST})|${folder}(${rooted}))$`],
    ['ALLOWED_LOCATIONS', [`${absolute}${REST}`, `${folder}${rooted}`, RELATIVE, ...listed].join('|')],
  ]
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
