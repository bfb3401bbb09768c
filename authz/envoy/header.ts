/** A received header (envoy.config.core.v3.HeaderValue). */
export interface EnvoyHeader {
  readonly key?: string
  readonly value?: string
  readonly raw_value?: Buffer
}

/** Decodes a header's value byte for byte: the rules then refuse bytes outside ASCII. */
export function textOfHeader({ value, raw_value: bytes }: EnvoyHeader): string {
  return bytes?.toString('latin1') ?? value ?? ''
}

/** A value that could end its header and begin another. The message names the header, never the value. */
export class UnsafeHeaderError extends Error {
  constructor(name: string) {
    super(`the value of ${name} has characters that a header must not contain`)
    this.name = 'UnsafeHeaderError'
  }
}

export interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string }
  readonly append: { readonly value: false }
}

/** Printable ASCII, which excludes CR, LF and NUL; never empty. */
const SAFE_VALUE = /^[\x20-\x7e]+$/

/**
 * Makes a header that replaces all of its name. With `append` true, Envoy drops the headers of a denial and joins or
 * ignores those of an allow; unset, it depends on the version.
 *
 * @throws UnsafeHeaderError
 */
export function header(key: string, value: string): HeaderValueOption {
  if (!SAFE_VALUE.test(value)) throw new UnsafeHeaderError(key)
  return { header: { key, value }, append: { value: false } }
}
