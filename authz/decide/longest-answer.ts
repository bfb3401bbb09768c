import type { Route } from './route.ts'

/** MCP 2026-07-28: a POST that is answered with the stream which a GET opened before. */
const SUBSCRIPTION = 'subscriptions/listen'

/** What a request says that its answer may be, and what bounds it. */
export interface AskedFor {
  readonly route: Route
  readonly method: string
  /** What the Mcp-Method headers say; a service refuses those that its message contradicts. */
  readonly mcpMethods: readonly string[]
  /** How long a stream may last that its client resumes, in milliseconds. */
  readonly longestStreamMs: number
}

/**
 * How long the answer may take before it is cut off. Nobody can be asked about it again once it has begun, so that
 * bounds how long a revoked session goes on receiving: a stream without an end of its own is resumed by its client,
 * and a plain HTTP service says itself how long its answers take.
 *
 * @param lifeMs - how long what was shown is good for
 */
export function longestAnswerMs(asked: AskedFor, lifeMs: number): number {
  const { service } = asked.route
  if (service.kind === 'http') return Math.min(lifeMs, service.longestResponseSeconds * 1000)
  return isStream(asked) ? Math.min(lifeMs, asked.longestStreamMs) : lifeMs
}

function isStream({ method, mcpMethods }: AskedFor): boolean {
  return method === 'GET' || mcpMethods.some((names) => names.includes(SUBSCRIPTION))
}
