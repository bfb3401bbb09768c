/** The documented result of a mutation with an invalid argument; the HTTP status is 200. */
export function invalidInput(path: string, message: string) {
  return { __typename: 'InvalidInput', errors: [{ path, name: 'ValidationError', message }] }
}
