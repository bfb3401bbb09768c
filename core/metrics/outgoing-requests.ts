import { Durations } from './durations.ts'

/** The Registry may take 3 s, a client's server 5 s. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const OUTCOMES = ['answered', 'failed'] as const

/** Told how long a request took, and whether its server answered; an error of its own (5xx) is no answer. */
export interface RequestObserver {
  answered(seconds: number): void
  failed(seconds: number): void
}

/** Times requests to other servers. */
export class OutgoingRequests<Target extends string> {
  readonly durations: Durations<'target' | 'outcome'>

  /** @param process - in the name of the metric */
  constructor(process: 'authz' | 'consent_ui', targets: readonly Target[]) {
    this.durations = new Durations({
      name: `connect_${process}_outgoing_request_duration_seconds`,
      help: 'Requests to other servers, from sending to the last byte of the answer',
      labelNames: ['target', 'outcome'],
      buckets: BUCKETS,
      initial: targets.flatMap((target) => OUTCOMES.map((outcome) => ({ target, outcome }))),
    })
  }

  /** @param next - is told the same */
  to(target: Target, next?: RequestObserver): RequestObserver {
    return {
      answered: (seconds) => {
        this.durations.observe({ target, outcome: 'answered' }, seconds)
        next?.answered(seconds)
      },
      failed: (seconds) => {
        this.durations.observe({ target, outcome: 'failed' }, seconds)
        next?.failed(seconds)
      },
    }
  }
}

/** Reports a request; an error is reported if it `isFailure`. */
export async function observed<Answer>(
  observer: RequestObserver,
  request: () => Promise<Answer>,
  isFailure: (error: unknown) => boolean = () => true,
): Promise<Answer> {
  const begunMs = performance.now()
  const seconds = (): number => (performance.now() - begunMs) / 1000
  try {
    const answer = await request()
    observer.answered(seconds())
    return answer
  } catch (error) {
    if (isFailure(error)) observer.failed(seconds())
    throw error
  }
}
