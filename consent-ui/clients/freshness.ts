import type { IncomingHttpHeaders } from 'node:http'

/** Where the server says nothing. */
const DEFAULT_SECONDS = 300
/** Whatever the server says: a client that changes its callback waits no longer. */
const LONGEST_SECONDS = 86_400

/**
 * For how long an answer may be used without asking again (RFC 9111 sections 4.2 and 5.2.2), from 0 to a day.
 */
export function freshSecondsOf(headers: IncomingHttpHeaders): number {
  const directives = (headers['cache-control'] ?? '').toLowerCase()
  if (/\bno-(store|cache)\b/.test(directives)) return 0
  const maxAge = /(?:^|[,\s])max-age="?(\d+)/.exec(directives)?.[1]
  const seconds = maxAge === undefined ? secondsUntilExpires(headers) : Number(maxAge) - ageOf(headers)
  return Math.max(0, Math.min(seconds, LONGEST_SECONDS))
}

/** How old it was when a cache on the way gave it out. */
function ageOf({ age }: IncomingHttpHeaders): number {
  return /^\d+$/.test(age ?? '') ? Number(age) : 0
}

function secondsUntilExpires({ expires, date }: IncomingHttpHeaders): number {
  if (expires === undefined) return DEFAULT_SECONDS
  const seconds = (Date.parse(expires) - Date.parse(date ?? '')) / 1000
  // An Expires that is no date means that it is over.
  return Number.isFinite(seconds) ? seconds : 0
}
