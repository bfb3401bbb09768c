import { createHash, randomBytes } from 'node:crypto'
import { keyRing, type KeyKind, type KeyRing, type OperatorKey } from '../../../core/keys/keys.ts'

export const ORIGIN = 'https://connect.example.com'

export function operatorKey(id: string, use: OperatorKey['use'] = 'sign'): OperatorKey {
  return { id, use, secret: randomBytes(32) }
}

export function testRing(origin = ORIGIN, keys = [operatorKey('2026-11')]): KeyRing {
  return keyRing(origin, keys)
}

/** These bytes in the format of an operator's secret, with a valid checksum. */
export function secretOf(kind: KeyKind, bytes: Uint8Array): string {
  const body = `connect-${kind}.${Buffer.from(bytes).toString('base64url')}`
  return `${body}.${createHash('sha256').update(body).digest('hex').slice(0, 8)}`
}
