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

/** Reads one; undefined for what has not the form. Whether it is valid, the store knows. */
export function readRefreshToken(text: string): RefreshToken | undefined {
  const [, sessionId, generation, secret, share] = FORMAT.exec(text) ?? []
  if (sessionId === undefined || secret === undefined || share === undefined) return undefined
  return { sessionId, generation: Number(generation), secret, share }
}

/** The first of a session. */
export function firstRefreshToken(sessionId: string, share: string): RefreshToken {
  return { sessionId, generation: 1, secret: randomSecret(), share }
}

/** Makes the token that follows another; undefined where the key to derive it with is not there any more. */
type Succession = (presented: RefreshToken, keyId: string) => RefreshToken | undefined

/**
 * The tokens that follow others. They are derived, not random, so that nothing but hashes is stored and a client
 * that lost the answer gets the same successor again. For long lines: each key is made once.
 */
export function succession(ring: KeyRing): Succession {
  const keys = new Map<string, Buffer | undefined>()
  return function successor(presented, keyId) {
    if (!keys.has(keyId)) keys.set(keyId, derivingKey(ring, keyId))
    const key = keys.get(keyId)
    if (key === undefined) return undefined
    const generation = presented.generation + 1
    const secret = createHmac('sha256', key)
      .update(JSON.stringify([presented.sessionId, generation, presented.secret]))
      .digest('base64url')
    return { ...presented, generation, secret }
  }
}

/**
 * The token that follows another.
 *
 * @param keyId - of the sealing key to derive with; undefined is returned when there is no such key any more
 */
export function successorOf(ring: KeyRing, presented: RefreshToken, keyId: string): RefreshToken | undefined {
  return succession(ring)(presented, keyId)
}

function derivingKey(ring: KeyRing, keyId: string): Buffer | undefined {
  const key = acceptedKey(ring, keyId)
  return key === undefined ? undefined : subkey(ring, key, { purpose: 'refresh token' })
}
