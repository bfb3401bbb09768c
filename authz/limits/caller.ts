/** Who waits for an answer: Envoy, or a test. */
export interface Caller {
  /** True once it has cancelled, disconnected, or its deadline has passed: nobody reads the answer. */
  readonly isGone: boolean
}
