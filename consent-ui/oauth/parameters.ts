import { OAuthError } from './errors.ts'

/** OAuth parameters by name, each at most once but for `resource`. */
export type Parameters = ReadonlyMap<string, string>

const LONGEST_NAME_SHOWN = 40

/**
 * Reads a query string or form body. A parameter must not appear twice (RFC 6749 section 3.1), but for equal
 * copies of `resource`, which Codex sends; one without a value counts as absent.
 *
 * @throws OAuthError `invalid_request`, naming the parameter
 */
export function readParameters(text: string): Parameters {
  const { parameters, repeated } = parseParameters(text)
  refuseRepeated(repeated)
  return parameters
}

/** @throws OAuthError `invalid_request`, naming the first of them */
export function refuseRepeated([name]: readonly string[]): void {
  if (name === undefined) return
  throw new OAuthError('invalid_request', `${name.slice(0, LONGEST_NAME_SHOWN)} appears more than once`)
}

/** Reads as {@link readParameters}, and leaves it to the caller where a repeated name is complained of. */
export function parseParameters(text: string): { parameters: Parameters; repeated: readonly string[] } {
  const parameters = new Map<string, string>()
  const repeated: string[] = []
  for (const [name, value] of new URLSearchParams(text)) {
    if (value === '') continue
    const before = parameters.get(name)
    if (before === undefined) parameters.set(name, value)
    else if (name !== 'resource' || before !== value) repeated.push(name)
  }
  return { parameters, repeated }
}

/**
 * A parameter that must be there.
 *
 * @throws OAuthError `invalid_request`, naming it
 */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is required`)
  return value
}
