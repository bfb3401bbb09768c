import type { JsonFault } from './json-node.ts'

/** An answer of the service's that nobody can say what a client would read in it: it must not be sent on. */
export class UnreadableListError extends Error {
  constructor(
    fault:
      | JsonFault
      | 'too_large'
      | 'too_many_lines'
      | 'key_variant'
      | 'not_an_object'
      | 'not_a_list'
      | 'field_variant'
      | 'broken',
  ) {
    super(`the answer of the service can't be filtered: ${fault}`)
    this.name = 'UnreadableListError'
  }
}
