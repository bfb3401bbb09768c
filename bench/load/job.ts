export interface RequestText {
  readonly beforeAddress: string
  readonly beforeToken: string
  readonly afterToken: string
}

export interface ExpectedAnswer {
  readonly status: number
  readonly body: string
  /** The Authorization at the service: the client's token, or the credential of its session. */
  readonly seen: 'token' | 'credential'
}

/** An open loop sends at a fixed rate; a closed loop sends the next request after each answer. */
export type Pace =
  | { readonly kind: 'open'; readonly perSecond: number }
  | { readonly kind: 'closed'; readonly inFlight: number; readonly maxPerSecond?: number | undefined }

export interface LoadJob {
  readonly port: number
  readonly request: RequestText
  readonly expected: ExpectedAnswer
  /** A token on each line, in the order of sessions. */
  readonly tokensFile: string
  /** Number of the first token; the first follows the last. */
  readonly from: number
  readonly pace: Pace
  readonly maxMs: number
  readonly maxRequests: number
}

export interface LoadResult {
  readonly sent: number
  readonly answered: number
  /** From the due time (closed loop: from sending) to the last byte of the answer. */
  readonly latenciesMs: readonly number[]
  readonly elapsedMs: number
  /** Answers of 503: authz or Envoy timed out, as on a busy machine. */
  readonly unavailable: number
  readonly wrong: number
  readonly firstWrong?: string | undefined
}
