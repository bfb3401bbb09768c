/** Tokens of ours have at most about 1,500 characters. */
export const MAX_TOKEN_CHARACTERS = 4096
const MAX_VALUE_CHARACTERS = 'Bearer '.length + MAX_TOKEN_CHARACTERS

/** RFC 6750 section 2.1: the scheme in any case (RFC 9110 section 11.1), one space, one b64token. */
const BEARER = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i

export type Credential =
  | { readonly kind: 'bearer'; readonly token: string }
  | {
      readonly kind: 'unusable'
      readonly reason: 'no_credential' | 'several_credentials' | 'malformed_credential'
    }

/**
 * Reads the bearer credential of a request (RFC 6750). Two credentials are refused: the service could use the other
 * one. Envoy joins several Authorization headers with a comma, which no bearer token contains.
 */
export function readBearer(values: readonly string[]): Credential {
  const [value] = values
  if (value === undefined) return { kind: 'unusable', reason: 'no_credential' }
  if (values.length > 1 || value.includes(',')) return { kind: 'unusable', reason: 'several_credentials' }
  if (value.length > MAX_VALUE_CHARACTERS) return { kind: 'unusable', reason: 'malformed_credential' }
  const [, token] = BEARER.exec(value) ?? []
  if (token === undefined) return { kind: 'unusable', reason: 'malformed_credential' }
  return { kind: 'bearer', token }
}
