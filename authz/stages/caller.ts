/** Whoever waits for an answer of ours. */
export interface Caller {
  /** True once nobody does: the deadline has passed, or the call was cancelled. Nothing is remembered for it. */
  readonly ended: boolean
}
