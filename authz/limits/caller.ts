/** Who waits for an answer: Envoy, or a test. */
export interface Caller {
  /** True once the call is over: it was cancelled or answered, its connection was lost, or its deadline has passed. */
  readonly isGone: boolean
}
