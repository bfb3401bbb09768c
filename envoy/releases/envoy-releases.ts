/**
 * Envoy's releases, and vulnerabilities in the parts that envoy.yaml uses. Security releases come every few weeks for the
 * four newest lines: read <https://github.com/envoyproxy/envoy/security/advisories>, then update this file, the pin in
 * deploy/local/tools and the image together.
 */

export const CHECKED_ON = '2026-11-25'

/** The newest patch of each supported line on that date. */
export const NEWEST_PATCHES = ['1.40.0', '1.39.3', '1.38.4', '1.37.6'] as const

export interface Vulnerability {
  readonly id: string
  readonly what: string
  /** A text of envoy.yaml that it is about. */
  readonly uses: string
  /** The first fixed release of each line; newer lines never had it. */
  readonly fixedIn: readonly string[]
}

const AUGUST_2026 = ['1.36.10', '1.37.6', '1.38.4', '1.39.1', '1.40.0']
const PATHS = 'normalize_path: true'
const AUTHZ = 'ext_authz.v3.ExtAuthz'
const HTTP2 = 'http2_protocol_options'
const CONNECTIONS = 'http_connection_manager.v3.HttpConnectionManager'

export const VULNERABILITIES: readonly Vulnerability[] = [
  {
    id: 'CVE-2026-73551',
    what: 'dot segments with parameters (`..;x`) were left in paths, so that a route could be passed by',
    uses: PATHS,
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-73511',
    what: 'parameters of single path segments were left in paths',
    uses: PATHS,
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-73547',
    what: 'a CONNECT without a path ended the process where a query is changed',
    uses: CONNECTIONS,
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-73548',
    what: 'bytes sent ahead of an upgrade were taken for the next request',
    uses: CONNECTIONS,
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-73513',
    what: 'trailers of HTTP/2 ended the process',
    uses: HTTP2,
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-73550',
    what: 'the size of Host was not counted',
    uses: 'max_request_headers_kb',
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-73552',
    what: 'regular expressions matched other characters than those that were sent',
    uses: 'safe_regex',
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-73546',
    what: 'names of statistics were markup on the admin page',
    uses: 'allow_paths',
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-50572',
    what: 'memory was used after it was freed while a check went on, over HTTP',
    uses: AUTHZ,
    fixedIn: AUGUST_2026,
  },
  {
    id: 'CVE-2026-47205',
    what: 'memory was used after it was freed when a client left while its check went on',
    uses: AUTHZ,
    fixedIn: ['1.36.9', '1.37.5', '1.38.3', '1.39.0'],
  },
  {
    id: 'CVE-2026-47774',
    what: 'cookies in crumbs were not counted as headers, and took memory without end',
    uses: HTTP2,
    fixedIn: ['1.36.8', '1.39.0'],
  },
  {
    id: 'CVE-2026-26311',
    what: 'filters ran on streams that had been reset',
    uses: HTTP2,
    fixedIn: ['1.37.1'],
  },
]

export function vulnerabilitiesOf(version: string): readonly Vulnerability[] {
  return VULNERABILITIES.filter(({ fixedIn }) => !hasFix(version, fixedIn))
}

/** The newest patch of that release's line; undefined if the line is unsupported. */
export function newestPatchOf(version: string): string | undefined {
  return NEWEST_PATCHES.find((patch) => lineOf(patch) === lineOf(version))
}

/** Below 0 where `one` is the older release. */
export function compareReleases(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

function hasFix(version: string, fixedIn: readonly string[]): boolean {
  const inLine = fixedIn.find((fixed) => lineOf(fixed) === lineOf(version))
  if (inLine !== undefined) return compareReleases(version, inLine) >= 0
  return fixedIn.every((fixed) => compareReleases(version, fixed) > 0)
}

function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}
