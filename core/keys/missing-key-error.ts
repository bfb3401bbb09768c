import type { KeyKind } from './keys.ts'

/** A key named by a stored value or a token is missing: the operator's fault (503), as the token may be valid. */
export class MissingKeyError extends Error {
  constructor(keyId: string, kind: Exclude<KeyKind, 'audit'> = 'sealing') {
    super(
      `${kind} key ${keyId} is missing: add it to CONNECT_${kind.toUpperCase()}_KEYS with the use "accept"`,
    )
    this.name = 'MissingKeyError'
  }
}
