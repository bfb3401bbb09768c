import { randomBytes } from 'node:crypto'
import { keyRing, type KeyRing, type OperatorKey } from '../../../core/keys/keys.ts'

const ORIGIN = 'https://connect.example'

export function operatorKey(id: string, use: OperatorKey['use'] = 'sign'): OperatorKey {
  return { id, use, secret: randomBytes(32) }
}

/** The key with another use, as during a rotation. */
export function as(use: OperatorKey['use'], key: OperatorKey): OperatorKey {
  return { ...key, use }
}

export function ringOf(...keys: readonly OperatorKey[]): KeyRing {
  return keyRing(ORIGIN, keys)
}
