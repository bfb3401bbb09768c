import type { OAuthError } from './errors.ts'

/** Where an answer goes. */
export interface ResponseTarget {
  readonly redirectUri: string
  /** As the client sent it. */
  readonly state?: string | undefined
}

/**
 * The client's callback with a code.
 *
 * @param iss - who issued it (RFC 9207); undefined where our metadata does not say that we tell
 */
export function codeResponse(target: ResponseTarget, code: string, iss: string | undefined): string {
  return withParameters(target, { code }, iss)
}

/** The client's callback with an error (RFC 6749 section 4.1.2.1). */
export function errorResponse(target: ResponseTarget, error: OAuthError, iss: string | undefined): string {
  return withParameters(target, { error: error.code, error_description: error.message }, iss)
}

/** Appends, since a registered URI may have a query of its own and is never written anew. */
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
