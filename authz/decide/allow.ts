import type { Allowed } from './decision.ts'
import { headersToRemove } from './headers-to-remove.ts'
import type { ToolAccess } from './route.ts'
import { upstreamTimeoutMs, type TimedRequest } from './upstream-timeout.ts'

/** Asks an MCP server to replay a stream (MCP, Streamable HTTP, Resumability). */
const REPLAY_HEADER = 'last-event-id'

export interface AllowedRequest extends TimedRequest {
  readonly headerNames: readonly string[]
}

type Granted = Pick<Allowed, 'identity' | 'source' | 'session' | 'toolAccess' | 'credential'>

/**
 * Makes the decision of the authenticate stage that lets a request through; no other function makes one. A tool call
 * of a read-only session is judged again, by the tool_access stage.
 *
 * @param lifeMs - how long the client's credential remains valid
 */
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
