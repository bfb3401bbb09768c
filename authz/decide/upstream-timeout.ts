import type { Route } from './route.ts'

/** MCP 2026-07-28: a POST whose answer is the stream that a GET opened in earlier versions. */
const SUBSCRIPTION = 'subscriptions/listen'

export interface TimedRequest {
  readonly route: Route
  readonly method: string
  /** Values of Mcp-Method; services refuse one that contradicts the message. */
  readonly mcpMethods: readonly string[]
  readonly maxStreamMs: number
}

/**
 * Upstream timeout (`x-envoy-upstream-rq-timeout-ms`). A begun answer is never checked again, so this bounds
 * how long a revoked session still receives.
 */
export function upstreamTimeoutMs(request: TimedRequest, lifeMs: number): number {
  const { service } = request.route
  if (service.kind === 'http') return Math.min(lifeMs, service.longestResponseSeconds * 1000)
  return isStream(request) ? Math.min(lifeMs, request.maxStreamMs) : lifeMs
}

function isStream({ method, mcpMethods }: TimedRequest): boolean {
  return method === 'GET' || mcpMethods.some((names) => names.includes(SUBSCRIPTION))
}
