import { verify, type KeyObject } from 'node:crypto'
import { ACCESS_TOKEN_ALGORITHM } from './access-token.ts'

const PARTS = 3
/** R and S of a P-256 signature. */
const SIGNATURE_BYTES = 64

type JsonObject = Readonly<Record<string, unknown>>

/** A parsed, unverified token (compact JWS, RFC 7515 section 7.1). */
export interface SignedToken {
  readonly header: JsonObject
  readonly payload: JsonObject | undefined
  readonly signature: Buffer
  /** The signed text: header and payload as received. */
  readonly signed: string
}

/** Refuses bytes that are not UTF-8 instead of replacing them. */
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** Parses a token that may be ours: ES256, no `crit`, canonical base64url. Undefined for any other. */
export function readSignedToken(token: string): SignedToken | undefined {
  const parts = token.split('.', PARTS + 1)
  const [header, payload, signature] = parts.map(decode)
  if (parts.length !== PARTS || header === undefined || payload === undefined || signature === undefined) {
    return undefined
  }
  const members = readObject(header)
  if (members === undefined || !hasOurHeader(members)) return undefined
  return { header: members, payload: readObject(payload), signature, signed: parts.slice(0, 2).join('.') }
}

function hasOurHeader({ alg, crit }: JsonObject): boolean {
  return alg === ACCESS_TOKEN_ALGORITHM && crit === undefined
}

/**
 * Verifies the signature; this blocks the process for 0.09 ms. For a key with options, such as dsaEncoding, Node throws
 * and catches an error on each call, which costs another 0.05 ms.
 */
export function isSignedBy(key: KeyObject, { signature, signed }: SignedToken): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false
  return verify('sha256', Buffer.from(signed), key, derOf(signature))
}

/** From r and s in 32 bytes each (RFC 7518 section 3.4) to ECDSA-Sig-Value (RFC 3279 section 2.2.3). */
function derOf(signature: Buffer): Buffer {
  const half = SIGNATURE_BYTES / 2
  const integers = Buffer.concat([
    derInteger(signature.subarray(0, half)),
    derInteger(signature.subarray(half)),
  ])
  return Buffer.concat([Buffer.from([0x30, integers.length]), integers])
}

/** DER has no leading zeros, but one before a first bit that would be a sign. */
function derInteger(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = bytes.subarray(first === -1 ? bytes.length - 1 : first)
  const zero = (digits[0] ?? 0) >= 0x80 ? [0] : []
  return Buffer.from([0x02, zero.length + digits.length, ...zero, ...digits])
}

/** Decodes canonical base64url only: no padding, white space or unused bits. */
function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

function readObject(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
