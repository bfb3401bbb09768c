/** What the tests of one mocha process came to. */
export interface Summary {
  readonly passed: number
  readonly failures: readonly Failure[]
  /** Wall-clock seconds of each test file, its hooks included. */
  readonly secondsOfFiles: Readonly<Record<string, number>>
}

export interface Failure {
  readonly file: string
  readonly title: string
  /** The stack of what was thrown. */
  readonly error: string
}
