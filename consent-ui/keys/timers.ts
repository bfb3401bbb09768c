/** Does something later, in this process. */
export interface Timers {
  after(seconds: number, action: () => void): void
}

/** By the machine's clock; what is waited for keeps no process alive. */
export const systemTimers: Timers = {
  after: (seconds, action) => void setTimeout(action, seconds * 1000).unref(),
}
