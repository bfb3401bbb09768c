/**
 * A sealing key that a stored value names is not in the key list. This is our own failure (503): the token or code
 * that points to the value may be good.
 */
export class MissingKeyError extends Error {
  readonly keyId: string

  constructor(keyId: string) {
    super(`sealing key ${keyId} is missing: put it back into CONNECT_SEALING_KEYS with the use "accept"`)
    this.name = 'MissingKeyError'
    this.keyId = keyId
  }
}
