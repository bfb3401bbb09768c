/** Who waits for an answer: Envoy, or a test. */
export interface Caller {
  /** True once it has cancelled, disconnected, or its deadline has passed: it reads no answer. */
  readonly isGone: boolean
}
