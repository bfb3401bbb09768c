/** Messages of causes tell the operator more; none of ours holds a secret, and a parser's may quote one. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'not an error'
  if (error instanceof SyntaxError) return 'what was answered cannot be read'
  return error.cause === undefined ? error.message : `${error.message}: ${describeError(error.cause)}`
}
