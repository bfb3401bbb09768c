import type { Timers } from '../../../consent-ui/store/repeat.ts'

/** Timers that run when a test lets time pass. */
export class ManualTimers implements Timers {
  #now = 0
  #waiting: { readonly at: number; readonly action: () => void }[] = []

  after(seconds: number, action: () => void): void {
    this.#waiting.push({ at: this.#now + seconds, action })
  }

  pass(seconds: number): void {
    this.#now += seconds
    const due = this.#waiting.filter(({ at }) => at <= this.#now)
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#now)
    for (const { action } of due) action()
  }
}
