import type { Summary } from './summary.ts'

/** A part of a test run: a check, or test files in a process of their own. */
export interface Task {
  readonly name: string
  /** It runs when that one has succeeded. */
  readonly after?: Task
  /** @param write - is given the output as it comes */
  readonly run: (write: (text: string) => void) => Promise<Outcome>
}

export interface Outcome extends Summary {
  /** The task ran to its end and succeeded. */
  readonly isGood: boolean
}
