/** A request but for what differs from one to the next: `lines`, then the address, the token, and the rest. */
export interface RequestText {
  readonly beforeAddress: string
  readonly beforeToken: string
  readonly afterToken: string
}

/** What every answer must be. */
export interface ExpectedAnswer {
  readonly status: number
  readonly body: string
  /** What the service saw in Authorization: the caller's token, or the credential of the token's own session. */
  readonly seen: 'token' | 'credential'
}

/** Requests at a fixed rate whatever becomes of them, or each as soon as the one before it is answered. */
export type Pace =
  | { readonly kind: 'open'; readonly perSecond: number }
  | { readonly kind: 'closed'; readonly inFlight: number; readonly mostPerSecond?: number | undefined }

/** What the load generator is asked to do; it ends by itself. */
export interface LoadJob {
  readonly port: number
  readonly request: RequestText
  readonly expected: ExpectedAnswer
  /** A token on each line, numbered as the sessions are. */
  readonly tokensFile: string
  /** Of the first token; those after the last are the first again. */
  readonly from: number
  readonly pace: Pace
  readonly longestMs: number
  readonly mostRequests: number
}

export interface LoadResult {
  readonly sent: number
  readonly answered: number
  /** From when each was due to its answer's last byte; for a closed loop, from when it was sent. */
  readonly latenciesMs: readonly number[]
  readonly elapsedMs: number
  /** 503: whoever was asked had no time in time. A machine that is busy with other things may come to that. */
  readonly unavailable: number
  /** All other answers that were not as expected, requests that got none, and what the first of them was. */
  readonly wrong: number
  readonly firstWrong?: string | undefined
}
