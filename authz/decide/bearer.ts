/** Longer than any token that we issue (about 1,500 characters with the longest client id). */
export const MAX_TOKEN_CHARACTERS = 4096

/** RFC 6750 section 2.1: the scheme in any case (RFC 9110 section 11.1), one space, one b64token. */
const BEARER = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i

/** What the Authorization headers of a request hold. */
export type Credential =
  | { readonly kind: 'bearer'; readonly token: string }
  | {
      readonly kind: 'unusable'
      readonly reason: 'no_credential' | 'several_credentials' | 'malformed_credential'
    }

/**
 * Reads the one credential of a request. Envoy joins several Authorization headers with a comma, and no bearer
 * token holds one: two credentials are refused, lest the service picks the other one.
 */
export function readBearer(values: readonly string[]): Credential {
  const [value] = values
  if (value === undefined) return { kind: 'unusable', reason: 'no_credential' }
  if (values.length > 1 || value.includes(',')) return { kind: 'unusable', reason: 'several_credentials' }
  const [, token] = BEARER.exec(value) ?? []
  if (token === undefined || token.length > MAX_TOKEN_CHARACTERS) {
    return { kind: 'unusable', reason: 'malformed_credential' }
  }
  return { kind: 'bearer', token }
}
