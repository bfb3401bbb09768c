import type { Log } from '../../core/log/log.ts'

/** Says when the Registry stops answering and when it answers again: once each, however many questions meet it. */
export class Outages {
  readonly #log: Log
  readonly #consequence: string
  #answers = true

  /** @param consequence - what it means while it lasts, for the log */
  constructor(log: Log, consequence: string) {
    this.#log = log
    this.#consequence = consequence
  }

  answered(): void {
    if (!this.#answers) this.#log.info('the Registry answers again')
    this.#answers = true
  }

  failed(error: unknown): void {
    if (this.#answers) {
      this.#log.warn({ reason: reasonOf(error) }, `the Registry does not answer: ${this.#consequence}`)
    }
    this.#answers = false
  }
}

/** Where no address of a name answers, the error has a code alone. */
function reasonOf(error: unknown): string | undefined {
  return error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : undefined
}
