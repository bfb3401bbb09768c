/** What an operator reads about one cause. */
export interface Words {
  /** A sentence without its full stop. */
  readonly meaning: string
  /** What to do, or whom to ask. */
  readonly fix: string
}
