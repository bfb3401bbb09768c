import type { Allowed } from './decision.ts'
import { headersToRemove } from './identity-headers.ts'
import type { ToolAccess } from './route.ts'
import { upstreamTimeoutMs, type TimedRequest } from './upstream-timeout.ts'

/** Asks an MCP server to replay a stream (MCP, Streamable HTTP, Resumability). */
const REPLAY_HEADER = 'last-event-id'

export interface AllowedRequest extends TimedRequest {
  readonly headerNames: readonly string[]
}

type Granted = Pick<Allowed, 'identity' | 'source' | 'session' | 'toolAccess' | 'credential'>

/** The only function that lets a request through. `lifeMs` is the remaining lifetime of the client's credential. */
export function allow(request: AllowedRequest, granted: Granted, lifeMs: number): Allowed {
  return {
    verdict: 'allow',
    route: request.route,
    ...granted,
    upstreamTimeoutMs: upstreamTimeoutMs(request, lifeMs),
    headersToRemove: [
      ...headersToRemove(request.headerNames),
      ...replayHeaderToRemove(request, granted.toolAccess),
    ],
  }
}

/**
 * Last-Event-ID belongs to GET, but some servers answer a POST with the replay too. Envoy removes it where no
 * tool_access stage would refuse it.
 */
function replayHeaderToRemove({ route, method }: AllowedRequest, toolAccess: ToolAccess): string[] {
  const mayReplay = route.service.kind === 'mcp' && method !== 'GET'
  return mayReplay && toolAccess === 'not_needed' ? [REPLAY_HEADER] : []
}
