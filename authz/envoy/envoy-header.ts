/** A header as Envoy hands it over (envoy.config.core.v3.HeaderValue). */
export interface EnvoyHeader {
  readonly key?: string
  readonly value?: string
  readonly raw_value?: Buffer
}

/** Byte for byte, so that a byte outside ASCII stays one and is refused by the rules. */
export function textOfHeader({ value, raw_value: bytes }: EnvoyHeader): string {
  return bytes?.toString('latin1') ?? value ?? ''
}
