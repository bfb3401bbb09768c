import type { Log } from '../../core/log/log.ts'

/** Logs the begin and the end of an outage of the Registry, once each. */
export class Outages {
  readonly #log: Log
  readonly #consequence: string
  #isDown = false

  constructor(log: Log, consequence: string) {
    this.#log = log
    this.#consequence = consequence
  }

  answered(): void {
    if (this.#isDown) this.#log.info('registry: available again')
    this.#isDown = false
  }

  failed(error: unknown): void {
    if (!this.#isDown) {
      this.#log.warn({ reason: reasonOf(error) }, `registry: unavailable, ${this.#consequence}`)
    }
    this.#isDown = true
  }
}

/** If no address of a host answers, the error has a code and no message. */
function reasonOf(error: unknown): string | undefined {
  return error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : undefined
}
