import type { JsonFault } from '../read-access/scan-json.ts'

/** Why an answer cannot be filtered. */
export type ListFault =
  | JsonFault
  | 'content_type'
  | 'too_large'
  | 'too_many_lines'
  | 'key_variant'
  | 'not_an_object'
  | 'not_a_list'
  | 'field_variant'

/** A service's answer that clients could read differently, or not at all. It must not reach the client. */
export class UnreadableListError extends Error {
  readonly fault: ListFault

  constructor(fault: ListFault) {
    super(`the answer of the service cannot be filtered: ${fault}`)
    this.name = 'UnreadableListError'
    this.fault = fault
  }
}
