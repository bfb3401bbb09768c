import type { IncomingHttpHeaders } from 'node:http'

const DEFAULT_SECONDS = 300
/** A client that changes its redirect URIs waits at most this long. */
const MAX_SECONDS = 86_400

/** Freshness lifetime of a response (RFC 9111 sections 4.2 and 5.2.2), from 0 to a day. */
export function freshSecondsOf(headers: IncomingHttpHeaders): number {
  const directives = (headers['cache-control'] ?? '').toLowerCase()
  if (/\bno-(store|cache)\b/.test(directives)) return 0
  const maxAge = /(?:^|[,\s])max-age="?(\d+)/.exec(directives)?.[1]
  const seconds = maxAge === undefined ? secondsUntilExpires(headers) : Number(maxAge) - ageOf(headers)
  return Math.max(0, Math.min(seconds, MAX_SECONDS))
}

function ageOf({ age }: IncomingHttpHeaders): number {
  return /^\d+$/.test(age ?? '') ? Number(age) : 0
}

function secondsUntilExpires({ expires, date }: IncomingHttpHeaders): number {
  if (expires === undefined) return DEFAULT_SECONDS
  const seconds = (Date.parse(expires) - Date.parse(date ?? '')) / 1000
  // An invalid Expires means already expired (RFC 9111 section 5.3).
  return Number.isFinite(seconds) ? seconds : 0
}
