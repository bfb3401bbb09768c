import { OAuthError } from './errors.ts'

/** OAuth parameters by name, each at most once but for `resource`. */
export type Parameters = ReadonlyMap<string, string>

const MAX_SHOWN_NAME_CHARACTERS = 40

/** Reads a query or form (RFC 6749 section 3.1). Codex repeats `resource`. @throws OAuthError for a repeated name */
export function readParameters(text: string): Parameters {
  const { parameters, repeated } = parseParameters(text)
  refuseRepeated(repeated)
  return parameters
}

/** @throws OAuthError `invalid_request` if there is a repeated name */
export function refuseRepeated([name]: readonly string[]): void {
  if (name === undefined) return
  throw new OAuthError(
    'invalid_request',
    `${name.slice(0, MAX_SHOWN_NAME_CHARACTERS)} appears more than once`,
  )
}

/** As {@link readParameters}, but returns repeated names instead of throwing. */
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

/** @throws OAuthError `invalid_request` if the parameter is missing */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is required`)
  return value
}
