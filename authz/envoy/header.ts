/** A value that could end its header and begin another one; the message names the header, never the value. */
export class UnsafeHeaderError extends Error {
  constructor(name: string) {
    super(`the value of ${name} holds characters that a header must not hold`)
    this.name = 'UnsafeHeaderError'
  }
}

/** A header as Envoy is to set it. */
export interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string }
  readonly append: { readonly value: false }
}

/** Printable ASCII is all that we ever send: no CR, LF, NUL, and never empty. */
const SAFE_VALUE = /^[\x20-\x7e]+$/

/**
 * A header that replaces every one of its name. With `append` true Envoy drops the headers of a denial, and
 * joins or forgets those of an allow; unset it depends on the version.
 *
 * @throws UnsafeHeaderError
 */
export function header(key: string, value: string): HeaderValueOption {
  if (!SAFE_VALUE.test(value)) throw new UnsafeHeaderError(key)
  return { header: { key, value }, append: { value: false } }
}
