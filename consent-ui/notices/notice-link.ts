import { randomBytes } from 'node:crypto'
import { acceptedKey, subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'
import { decrypt, encrypt, NONCE_BYTES } from '../../core/keys/sealing.ts'
import { NOTICE_PAGE } from '../http/paths.ts'
import { NOTICE_LINK_SECONDS } from '../lifetimes.ts'

interface LinkParts {
  readonly origin: string
  /** Seconds since 1970. */
  readonly now: number
}

const MAX_TOKEN_CHARACTERS = 200
const TOKEN = /^([a-z0-9-]{1,16})\.([\w-]+)$/
const TARGET = /^([\w-]{43})\.(\d{1,12})$/
/** The key is of this purpose and Connect host only. */
const NOTHING_MORE = Buffer.alloc(0)

/**
 * A sealed link that can end one session, and nothing else. Mail servers, scanners and channels see it, so it does not
 * show the session's id. The token is in the query: Envoy's access log has paths without it.
 */
export function noticeLink(ring: KeyRing, { origin, now }: LinkParts, sessionId: string): string {
  const target = Buffer.from(`${sessionId}.${now + NOTICE_LINK_SECONDS}`)
  const sealing = { nonce: randomBytes(NONCE_BYTES), associatedData: NOTHING_MORE }
  const sealed = encrypt(linkKey(ring, ring.current), target, sealing).toString('base64url')
  return `${origin}${NOTICE_PAGE}?k=${ring.current.id}.${sealed}`
}

/** @returns the session that the link may end; undefined for a token that is forged, changed or expired */
export function readNoticeToken(ring: KeyRing, token: string, now: number): string | undefined {
  if (token.length > MAX_TOKEN_CHARACTERS) return undefined
  const [, keyId, sealed = ''] = TOKEN.exec(token) ?? []
  const key = acceptedKey(ring, keyId)
  const box = Buffer.from(sealed, 'base64url')
  // Base64url has several spellings of one value; only the canonical one counts.
  if (key === undefined || box.toString('base64url') !== sealed) return undefined
  const target = decrypt(linkKey(ring, key), box, NOTHING_MORE)
  const [, sessionId, expiresAt] = TARGET.exec(target?.toString('latin1') ?? '') ?? []
  return Number(expiresAt) > now ? sessionId : undefined
}

function linkKey(ring: KeyRing, key: OperatorKey): Buffer {
  return subkey(ring, key, { purpose: 'notice link' })
}
