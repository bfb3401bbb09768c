import { formToken, isFormToken } from '../browser/form-token.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { NOTICE_PAGE } from '../http/paths.ts'
import { NOTICE_LINK_SECONDS } from '../lifetimes.ts'

/** What a link may do: end this session, and nothing else. */
export interface NoticeTarget {
  readonly sessionId: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

interface LinkParts {
  readonly origin: string
  /** Seconds since 1970. */
  readonly now: number
}

const MAX_TOKEN_CHARACTERS = 200
const TOKEN = /^([\w-]{43})\.(\d{1,12})\.([\w-]{43})$/

/** A signed link to one session. In the query: Envoy's access log has paths without it. */
export function noticeLink(ring: KeyRing, { origin, now }: LinkParts, sessionId: string): string {
  const target = { sessionId, expiresAt: now + NOTICE_LINK_SECONDS }
  return `${origin}${NOTICE_PAGE}?k=${sessionId}.${target.expiresAt}.${formToken(ring, binding(target))}`
}

/** @returns undefined for a token that is forged, changed or expired */
export function readNoticeToken(ring: KeyRing, token: string, now: number): NoticeTarget | undefined {
  if (token.length > MAX_TOKEN_CHARACTERS) return undefined
  const [, sessionId, expires, mac] = TOKEN.exec(token) ?? []
  if (sessionId === undefined || mac === undefined) return undefined
  const target = { sessionId, expiresAt: Number(expires) }
  return isFormToken(ring, mac, binding(target)) && target.expiresAt > now ? target : undefined
}

function binding({ sessionId, expiresAt }: NoticeTarget) {
  return { page: 'notice', bound: [sessionId, String(expiresAt)] }
}
