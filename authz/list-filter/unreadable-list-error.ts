import type { JsonFault } from '../read-access/json-node.ts'

/** Why an answer can't be filtered. */
export type ListFault =
  | JsonFault
  | 'content_type'
  | 'too_large'
  | 'too_many_lines'
  | 'key_variant'
  | 'not_an_object'
  | 'not_a_list'
  | 'field_variant'

/** An answer of the service's that clients could read in several ways, or not at all: it must not be sent on. */
export class UnreadableListError extends Error {
  readonly fault: ListFault

  constructor(fault: ListFault) {
    super(`the answer of the service can't be filtered: ${fault}`)
    this.name = 'UnreadableListError'
    this.fault = fault
  }
}
