import { IDENTITY_HEADERS } from '../../core/http/reserved-headers.ts'

/** Cookie is between the browser and consent-ui. */
const ALWAYS_REMOVED = ['cookie', ...IDENTITY_HEADERS.names]

/**
 * Headers that the service must not read: only the Quilt credential says who the user is. Envoy removes those with a
 * reserved prefix before it asks; any that authz still sees is removed by its name.
 *
 * @param names - of the request's headers, in lower case
 */
export function headersToRemove(names: readonly string[]): string[] {
  return [...ALWAYS_REMOVED, ...names.filter(hasIdentityPrefix)]
}

function hasIdentityPrefix(name: string): boolean {
  return IDENTITY_HEADERS.prefixes.some((prefix) => name.startsWith(prefix))
}
