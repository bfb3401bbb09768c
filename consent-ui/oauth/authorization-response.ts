import type { OAuthError } from './errors.ts'

export interface ResponseTarget {
  readonly redirectUri: string
  readonly state?: string | undefined
}

/** The redirect URI with a code. `iss` is RFC 9207's; undefined if our metadata does not announce it. */
export function codeResponse(target: ResponseTarget, code: string, iss: string | undefined): string {
  return withParameters(target, { code }, iss)
}

/** The redirect URI with an error (RFC 6749 section 4.1.2.1). */
export function errorResponse(target: ResponseTarget, error: OAuthError, iss: string | undefined): string {
  return withParameters(target, { error: error.code, error_description: error.message }, iss)
}

/** Appends to the registered URI, which may have a query. */
function withParameters(
  { redirectUri, state }: ResponseTarget,
  parameters: Readonly<Record<string, string>>,
  iss: string | undefined,
): string {
  const query = new URLSearchParams({
    ...parameters,
    ...(state === undefined ? {} : { state }),
    ...(iss === undefined ? {} : { iss }),
  })
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query.toString()}`
}
