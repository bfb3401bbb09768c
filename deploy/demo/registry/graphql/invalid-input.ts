/** The documented answer to a mutation's wrong argument, as a value: the request itself is answered 200. */
export function invalidInput(path: string, message: string) {
  return { __typename: 'InvalidInput', errors: [{ path, name: 'ValidationError', message }] }
}
