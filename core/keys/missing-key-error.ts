import type { KeyKind } from './keys.ts'

/**
 * A key that a stored value or a token names is not in the key list. This is a failure of our own (503): the token or
 * code that led here may be good.
 */
export class MissingKeyError extends Error {
  constructor(keyId: string, kind: KeyKind = 'sealing') {
    super(
      `${kind} key ${keyId} is missing: put it into CONNECT_${kind.toUpperCase()}_KEYS with the use "accept"`,
    )
    this.name = 'MissingKeyError'
  }
}
