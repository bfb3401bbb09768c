import { setTimeout } from 'node:timers/promises'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'

const LATE = Symbol('late')

/** Work that continues after the request that started it stops waiting. */
export class BackgroundWork {
  readonly #log: Log
  readonly #pending = new Set<Promise<unknown>>()

  constructor(log: Log) {
    this.#log = log
  }

  /** The result of `work` if it is there in time, else of `meanwhile`. `name` is for the log, if it fails later. */
  async within<Result>(
    milliseconds: number,
    { name, work, meanwhile }: { name: string; work: Promise<Result>; meanwhile: () => Promise<Result> },
  ): Promise<Result> {
    this.#track(work)
    const inTime = new AbortController()
    const late = setTimeout(milliseconds, LATE, { signal: inTime.signal }).catch(() => LATE)
    const result = await Promise.race([work, late]).finally(() => inTime.abort())
    if (result !== LATE) return result as Result
    this.#logFailure(name, work)
    return await meanwhile()
  }

  /** Lets work continue that no request waits for. */
  begin(name: string, work: Promise<unknown>): void {
    this.#track(work)
    this.#logFailure(name, work)
  }

  /** Settles when all started work has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  #track(work: Promise<unknown>): void {
    const settled: Promise<unknown> = Promise.allSettled([work]).then(() => this.#pending.delete(settled))
    this.#pending.add(settled)
  }

  #logFailure(name: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#log.warn({ reason: describeError(error) }, `${name} failed`))
  }
}
