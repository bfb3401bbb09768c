import type { OAuthError } from './errors.ts'

/** Where an answer goes. */
export interface ResponseTarget {
  readonly redirectUri: string
  /** As the client sent it. */
  readonly state?: string | undefined
}

/** The client's callback with a code, and who issued it (RFC 9207). */
export function codeResponse(target: ResponseTarget, code: string, issuer: string): string {
  return withParameters(target, { code }, issuer)
}

/** The client's callback with an error (RFC 6749 section 4.1.2.1). */
export function errorResponse(target: ResponseTarget, error: OAuthError, issuer: string): string {
  return withParameters(target, { error: error.code, error_description: error.message }, issuer)
}

/** Appends, since a registered URI may have a query of its own and is never written anew. */
function withParameters(
  { redirectUri, state }: ResponseTarget,
  parameters: Readonly<Record<string, string>>,
  issuer: string,
): string {
  const query = new URLSearchParams({ ...parameters, ...(state === undefined ? {} : { state }), iss: issuer })
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query.toString()}`
}
