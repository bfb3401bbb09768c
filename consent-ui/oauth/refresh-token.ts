import { createHmac } from 'node:crypto'
import { acceptedKey, subkey, type KeyRing } from '../../core/keys/keys.ts'
import { randomSecret } from '../../core/keys/hash.ts'

/** A refresh token: opaque to clients, `qcr1.<session>.<generation>.<secret>.<share>`. */
export interface RefreshToken {
  readonly sessionId: string
  readonly generation: number
  readonly secret: string
  /** The second share `k` of the session's sealed credential. */
  readonly share: string
}

const FORMAT = /^qcr1\.([A-Za-z0-9_-]{43})\.(\d{1,9})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/

export function writeRefreshToken(token: RefreshToken): string {
  return `qcr1.${token.sessionId}.${token.generation}.${token.secret}.${token.share}`
}

/** Parses a refresh token; Redis knows whether it is valid. */
export function readRefreshToken(text: string): RefreshToken | undefined {
  const [, sessionId, generation, secret, share] = FORMAT.exec(text) ?? []
  if (sessionId === undefined || secret === undefined || share === undefined) return undefined
  return { sessionId, generation: Number(generation), secret, share }
}

export function firstRefreshToken(sessionId: string, share: string): RefreshToken {
  return { sessionId, generation: 1, secret: randomSecret(), share }
}

/** Derives a token's successor; undefined if the operator has removed the key. */
type Succession = (token: RefreshToken, keyId: string) => RefreshToken | undefined

/** Redis stores only hashes: a client that lost the response gets the same successor again. Caches derived keys. */
export function succession(ring: KeyRing): Succession {
  const keys = new Map<string, Buffer | undefined>()
  return function successor(token, keyId) {
    if (!keys.has(keyId)) keys.set(keyId, derivingKey(ring, keyId))
    const key = keys.get(keyId)
    if (key === undefined) return undefined
    const generation = token.generation + 1
    const secret = createHmac('sha256', key)
      .update(JSON.stringify([token.sessionId, generation, token.secret]))
      .digest('base64url')
    return { ...token, generation, secret }
  }
}

/** Derives one successor; undefined if the operator has removed the key. */
export function successorOf(ring: KeyRing, token: RefreshToken, keyId: string): RefreshToken | undefined {
  return succession(ring)(token, keyId)
}

function derivingKey(ring: KeyRing, keyId: string): Buffer | undefined {
  const key = acceptedKey(ring, keyId)
  return key === undefined ? undefined : subkey(ring, key, { purpose: 'refresh token' })
}
