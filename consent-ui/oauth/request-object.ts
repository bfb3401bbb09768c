import { OAuthError, type OAuthErrorCode } from './errors.ts'
import type { Parameters } from './parameters.ts'

/** Parameters whose values would replace the others'; each has an error of its own (OpenID Connect Core 3.1.2.6). */
const NOT_SUPPORTED: readonly (readonly [string, OAuthErrorCode])[] = [
  ['request', 'request_not_supported'],
  ['request_uri', 'request_uri_not_supported'],
  ['registration', 'registration_not_supported'],
]

/** @throws OAuthError when the request is wrapped in an object, or points to one: to overlook that would change it */
export function refuseRequestObjects(parameters: Parameters): void {
  for (const [name, code] of NOT_SUPPORTED) {
    if (parameters.has(name)) throw new OAuthError(code, `${name} is not supported`)
  }
}
